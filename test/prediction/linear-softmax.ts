import { loadModel, type Model } from '../../src/model/load.ts';
import { softmax } from '../../src/numerics/jacobian/softmax.ts';
import { buildGraph, grayManifest, writeModel } from '../../support/onnx-graph.ts';

/** z = Wx + b of a gray image x with intensities in [0, 1]: J = S(p)W. */
export interface LinearSoftmax {
  readonly name?: string;
  readonly height: number;
  readonly width: number;
  readonly labels: readonly string[];
  /** W, (C, D) row-major. */
  readonly weights: readonly number[];
  /** b, C numbers. */
  readonly bias: readonly number[];
}

/** The network as a model folder that the real engine runs. */
export async function linearSoftmaxModel(form: LinearSoftmax): Promise<Model> {
  const { name = 'linear-softmax', height, width, labels, weights, bias } = form;
  const D = height * width;
  const C = labels.length;
  const transposed = Array.from({ length: D * C }, (_, i) => weights[(i % C) * D + Math.floor(i / C)]!);
  const graph = buildGraph({
    input: { name: 'x', shape: ['n', 1, height, width] },
    outputs: [{ name: 'z', shape: ['n', C] }],
    constants: {
      W: { shape: [D, C], values: transposed },
      b: { shape: [C], values: bias },
    },
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'], attributes: { axis: 1 } },
      { op: 'MatMul', inputs: ['flat', 'W'], outputs: ['Wx'] },
      { op: 'Add', inputs: ['Wx', 'b'], outputs: ['z'] },
    ],
  });
  return loadModel(await writeModel({ ...grayManifest(height, width, labels), name }, graph));
}

/** p at x, in float64. */
export function probabilitiesOf({ weights, bias }: LinearSoftmax, x: readonly number[]): Float64Array {
  return softmax(
    bias.map((b, c) => x.reduce((sum, value, i) => sum + weights[c * x.length + i]! * value, b)),
  );
}

/** ‖S(p)W e_i‖² for every pixel i, with S(p) = diag(p) − p pᵀ written out. */
export function pixelSquares(form: LinearSoftmax, x: readonly number[]): Float64Array {
  const p = probabilitiesOf(form, x);
  return Float64Array.from(x, (_, i) => {
    let square = 0;
    for (let a = 0; a < p.length; a++) {
      let entry = 0;
      for (let b = 0; b < p.length; b++) {
        entry += ((a === b ? p[a]! : 0) - p[a]! * p[b]!) * form.weights[b * x.length + i]!;
      }
      square += entry * entry;
    }
    return square;
  });
}
