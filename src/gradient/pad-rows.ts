/** `values` with zeros behind them, to `length` numbers: what a graph of a fixed batch wants where rows are missing. */
export function filled(values: Float32Array, length: number): Float32Array {
  if (values.length >= length) return values;
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}
