/**
 * The classifier as a function: `count` inputs of D numbers, row-major, to `count` rows of C logits.
 *
 * The ONNX engine is one; tests pass closed forms such as x => Wx, whose Jacobian is known.
 */
export type Classifier = (inputs: Float32Array, count: number) => Float32Array | Promise<Float32Array>;

/**
 * Vector-Jacobian products: `count` inputs, (count, D), and cotangents u, (count, C), to J_zᵀu, (count, D),
 * row-major.
 */
export type PullBack = (
  inputs: Float32Array,
  cotangents: Float32Array,
  count: number,
) => Float32Array | Promise<Float32Array>;
