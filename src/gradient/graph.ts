import { create } from '@bufbuild/protobuf';
import { encodeModel } from './encode.ts';
import { type Forward, isActive, readForward } from './forward.ts';
import { NodeProtoSchema } from './onnx/onnx_pb.js';
import { reshapeTo } from './backward-steps.ts';
import { RULES } from './rules.ts';
import { measureShapes } from './shapes.ts';
import type { Shape } from './value-info.ts';
import { type Ceilings, createTape, type Tape } from './tape.ts';
import { UnsupportedError } from './unsupported.ts';
import { tensorInfo } from './value-info.ts';

/**
 * A model that takes the classifier's input and a cotangent u (n, K), and gives g = J_zᵀ u in the input's
 * shape.
 */
export interface GradientGraph {
  readonly onnx: Uint8Array;
  readonly cotangentName: string;
  readonly gradientName: string;
}

/**
 * The graph of the vector-Jacobian product of `logitsName` with respect to `inputName`.
 *
 * Reverse accumulation, written as ONNX nodes behind the model's own, so that ONNX Runtime computes it. A row
 * costs about two forward rows for a network of smooth convolutions, three where activations are clipped, up
 * to five where maxima are taken. At a kink of the model the answer is the slope of one side: it says where
 * to look, it is not the measurement. Building it costs up to five forward passes of one row, for the shapes.
 *
 * @param logitsName Any value of the graph with n rows of K numbers, an output or not.
 * @param ceilings `ignored` for a graph whose answer is a direction to look along, and for MobileNetV2 an
 * eighth cheaper (`node bench/run.ts directions`).
 * @returns Why not, with the operator's name, where the graph has something that no rule covers.
 */
export async function gradientGraphOf(
  onnx: Uint8Array,
  inputName: string,
  logitsName: string,
  ceilings: Ceilings = 'kept',
): Promise<GradientGraph | { readonly unsupported: string }> {
  try {
    const forward = readForward(onnx, inputName, logitsName);
    for (const node of forward.nodes) {
      if (isActive(node, forward.active) && !RULES.has(node.op)) {
        throw new UnsupportedError(`operator ${node.op} has no gradient rule`);
      }
    }
    return await build(forward, ceilings);
  } catch (error) {
    if (error instanceof UnsupportedError) return { unsupported: error.message };
    throw error;
  }
}

async function build(forward: Forward, ceilings: Ceilings): Promise<GradientGraph> {
  const tape = createTape(forward, await measureShapes(forward), freePrefix(forward), ceilings);
  const cotangentName = tape.nameOf('cotangent');
  const gradientName = tape.nameOf('gradient');
  const inputShape = tape.shapeOf(forward.input.name);
  const logitsShape = tape.shapeOf(forward.logitsName);
  const cotangentShape = [inputShape[0]!, classesOf(logitsShape, inputShape)];

  const cotangent = reshapeTo(tape, cotangentName, cotangentShape, logitsShape);
  const gradient = accumulate(forward, cotangent, tape);
  const last = create(NodeProtoSchema, { opType: 'Identity', input: [gradient], output: [gradientName] });
  return {
    onnx: encodeModel(forward, {
      nodes: [...tape.nodes, last],
      initializers: tape.initializers,
      inputs: [tensorInfo(forward.input.name, inputShape), tensorInfo(cotangentName, cotangentShape)],
      outputs: [tensorInfo(gradientName, inputShape)],
    }),
    cotangentName,
    gradientName,
  };
}

/** K */
function classesOf(logits: Shape, input: Shape): number {
  const [rows, ...sizes] = logits;
  const classes = sizes.reduce<number | null>(
    (total, size) => (total === null || size === null ? null : total * size),
    1,
  );
  if (rows !== input[0] || classes === null) {
    throw new UnsupportedError(
      `expected a row of logits for each row of the input, ${JSON.stringify(input)}, got ` +
        JSON.stringify(logits),
    );
  }
  return classes;
}

/** Appends the backward nodes. @returns The gradient with respect to the model's input. */
function accumulate(forward: Forward, cotangent: string, tape: Tape): string {
  const gradients = new Map([[forward.logitsName, cotangent]]);
  for (const node of forward.nodes.toReversed()) {
    const gradient = gradients.get(node.outputs[0] ?? '');
    if (gradient === undefined || !isActive(node, forward.active)) continue;
    const contributions = RULES.get(node.op)!(node, gradient, tape);
    node.inputs.forEach((name, i) => {
      const contribution = contributions[i];
      if (!contribution || !tape.isActive(name)) return;
      const other = gradients.get(name);
      gradients.set(name, other === undefined ? contribution : tape.op('Add', [other, contribution]));
    });
  }
  const gradient = gradients.get(forward.input.name);
  if (gradient === undefined) {
    throw new UnsupportedError(`expected a gradient of "${forward.logitsName}", all paths to it are flat`);
  }
  return gradient;
}

/** A beginning that no name of the model has. */
function freePrefix(forward: Forward): string {
  const names = forward.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]);
  let prefix = 'gradient/';
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
