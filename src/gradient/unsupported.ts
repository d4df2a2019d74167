/**
 * The graph has something that no gradient rule covers.
 *
 * Never leaves this folder: `gradientGraphOf` gives the message as its answer, for a model without a gradient
 * graph is served all the same.
 */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}
