/**
 * Rows with rows of zeros behind them, `length` numbers in all: what a graph of a fixed batch is given where
 * rows are missing.
 */
export function padRows(values: Float32Array, length: number): Float32Array {
  if (values.length >= length) return values;
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}
