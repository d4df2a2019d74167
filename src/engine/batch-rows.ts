/** Bytes of input in one batch; activations take a few dozen times as much. */
const BATCH_BYTES = 4 * 1024 * 1024;
const MOST_ROWS = 128;

/**
 * Rows of one ONNX batch for inputs of `dimension` float32 numbers.
 *
 * Small inputs gain from large batches, large ones nothing past a few rows: `node bench/run.ts batch-rows`
 * prints images a second by batch size, as ratios to this one.
 */
export function batchRowsFor(dimension: number): number {
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(BATCH_BYTES / (4 * dimension))));
}

/**
 * Rows of a batch whose gradients are computed at once. What a gradient remembers of the forward pass should
 * stay in the caches, which is worth more than a large batch: `node bench/run.ts batch-rows` prints it.
 */
export function gradientRowsFor(batchRows: number): number {
  return Math.max(1, batchRows >> 2);
}
