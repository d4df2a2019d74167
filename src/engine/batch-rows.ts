/** Bytes of input in one batch; activations take a few dozen times as much. */
const BATCH_BYTES = 4 * 1024 * 1024;
const MOST_ROWS = 128;

/**
 * Rows of one ONNX batch for inputs of `dimension` float32 numbers.
 *
 * Small inputs gain from large batches; large ones fall out of the cache (MobileNetV2 at 224×224 takes 5.0 ms an image
 * in batches of 4 and 7 to 14 ms in batches of 16).
 */
export function batchRowsFor(dimension: number): number {
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(BATCH_BYTES / (4 * dimension))));
}
