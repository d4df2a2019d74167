import assert from 'node:assert/strict';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type GradientGraph, gradientGraphOf } from '../../src/gradient/graph.ts';
import type { Ceilings } from '../../src/gradient/tape.ts';
import { openGradientSession } from '../../src/gradient/session.ts';
import { createUniform, fillStandardNormal } from '../../src/numerics/random.ts';
import { buildGraph, type GraphNode, type GraphSpec } from '../../support/onnx-graph.ts';
import { largest } from '../../src/numerics/extremes.ts';

/** A graph from "x" to "y", to be differentiated as it is. */
export interface Example {
  /** Sizes of a row. */
  readonly shape: readonly number[];
  readonly nodes: readonly GraphNode[];
  readonly constants?: NonNullable<GraphSpec['constants']>;
  readonly opset?: number;
  readonly rows?: number;
  /** Where the graph takes only so many rows. */
  readonly batch?: number;
}

/**
 * Half the distance of two points of a central difference; inputs lie farther than this from the kinks at
 * multiples of a half.
 */
const STEP = 2 ** -9;

/**
 * Bound on the difference to a central difference, against the largest number of the gradient: float32 keeps
 * about 1e-6 of a sum of logits, over 2·STEP = 4e-3, and the third derivative adds STEP² of it.
 */
const TOLERANCE = 2e-3;

export const normals = (length: number, seed: number): Float32Array => {
  const values = new Float32Array(length);
  fillStandardNormal(values, createUniform(Uint32Array.of(seed, 5, 6, 7)));
  return values;
};

export const weights = (
  shape: readonly number[],
  seed = 1,
): { shape: readonly number[]; values: number[] } => ({
  shape,
  values: [...normals(product(shape), seed)],
});

export const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The graph of the example with all numbers of a row of "y" as its logits "z". */
export function graphOf({ shape, nodes, constants, opset, batch }: Example): Uint8Array {
  const rows = batch ?? 'n';
  return buildGraph({
    input: { name: 'x', shape: [rows, ...shape] },
    outputs: [{ name: 'z', shape: [rows, 'classes'] }],
    nodes: [...nodes, { op: 'Flatten', inputs: ['y'], outputs: ['z'], attributes: { axis: 1 } }],
    ...(constants ? { constants } : {}),
    ...(opset ? { opset } : {}),
  });
}

export async function supported(
  onnx: Uint8Array,
  input = 'x',
  logits = 'z',
  ceilings: Ceilings = 'kept',
): Promise<GradientGraph> {
  const graph = await gradientGraphOf(onnx, input, logits, ceilings);
  assert.ok(!('unsupported' in graph), JSON.stringify(graph));
  return graph;
}

/** g = J_zᵀu as the gradient graph of `onnx` gives it. */
export async function gradientOf(
  onnx: Uint8Array,
  inputs: Float32Array,
  cotangents: Float32Array,
  count: number,
  ceilings: Ceilings = 'kept',
): Promise<Float32Array> {
  const graph = await supported(onnx, 'x', 'z', ceilings);
  const session = await openGradientSession(graph, { threads: 1 });
  const gradient = await session.gradient(inputs, cotangents, count);
  await session.release();
  return gradient;
}

export type Run = (inputs: Float32Array, count: number) => Promise<Float32Array>;

/** The graph itself, run by ONNX Runtime without its optimisations. */
export async function runnerOf(
  onnx: Uint8Array,
  shape: readonly number[],
  input = 'x',
  output = 'z',
): Promise<Run> {
  const session = await InferenceSession.create(onnx, {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  return async (inputs, count) => {
    const answer = await session.run({ [input]: new Tensor('float32', inputs, [count, ...shape]) }, [output]);
    return answer[output]!.data as Float32Array;
  };
}

/**
 * Distinct numbers between −2 and 2 in random order: no two within 2·STEP of each other (ties of a MaxPool),
 * none within STEP of a multiple of a half (kinks).
 */
function scattered(length: number, seed: number): Float32Array {
  const uniform = createUniform(Uint32Array.of(seed, 8, 9, 10));
  const spacing = 4 / (length + 1);
  assert.ok(spacing > 2 * STEP, `expected at most ${2 / STEP - 1} numbers a row, got ${length}`);
  const values = Array.from({ length }, (_, i) => -2 + (i + 1) * spacing);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return Float32Array.from(values, (value) => {
    const kink = Math.round(value * 2) / 2;
    return Math.abs(value - kink) > 1.5 * STEP ? value : kink + 1.5 * STEP;
  });
}

/** Checks every number of J_zᵀu against a central difference, for a few rows at once and random u. */
export async function assertGradient(example: Example): Promise<void> {
  const onnx = graphOf(example);
  const run = await runnerOf(onnx, example.shape);
  const dimension = product(example.shape);
  const rows = example.rows ?? 3;
  const inputs = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) inputs.set(scattered(dimension, row + 1), row * dimension);
  const classes = (await run(inputs, rows)).length / rows;
  const cotangents = normals(rows * classes, 99);
  const gradient = await gradientOf(onnx, inputs, cotangents, rows);
  assert.equal(gradient.length, inputs.length);

  const differences = new Float64Array(inputs.length);
  for (let i = 0; i < dimension; i++) {
    const moved = async (sign: number): Promise<Float32Array> => {
      const points = inputs.slice();
      for (let row = 0; row < rows; row++) points[row * dimension + i]! += sign * STEP;
      return run(points, rows);
    };
    const above = await moved(1);
    const below = await moved(-1);
    for (let row = 0; row < rows; row++) {
      for (let k = row * classes; k < (row + 1) * classes; k++) {
        differences[row * dimension + i]! += (cotangents[k]! * (above[k]! - below[k]!)) / (2 * STEP);
      }
    }
  }
  const scale = largest(differences.map(Math.abs));
  assert.ok(scale > 0, 'expected a gradient that is not zero everywhere');
  differences.forEach((expected, i) => {
    const got = gradient[i]!;
    assert.ok(
      Math.abs(got - expected) < TOLERANCE * scale,
      `number ${i}: expected ${expected} of at most ${scale}, got ${got}`,
    );
  });
}
