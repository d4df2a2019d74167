import { floatOf } from '../attributes.ts';
import { isAbove, isBelow } from '../backward-steps.ts';
import type { ForwardNode } from '../forward.ts';
import type { Rule } from '../rule.ts';
import type { Tape } from '../tape.ts';

/**
 * Slopes are read off the outputs where they can be, so that ONNX Runtime still fuses the activation into the
 * convolution before it. At a kink the slope is that of the flat side.
 */

export const relu: Rule = (node, gradient, tape) => [
  tape.op('Mul', [gradient, isAbove(tape, node.outputs[0]!, 0)]),
];

/** 1 above zero, α below. */
export const leakyRelu: Rule = (node, gradient, tape) => {
  const slope = floatOf(node, 'alpha', 0.01);
  const positive = tape.op('Mul', [isAbove(tape, node.inputs[0]!, 0), tape.number(1 - slope)]);
  return [tape.op('Mul', [gradient, tape.op('Add', [positive, tape.number(slope)])])];
};

/** Bounds farther out than this are none: no activation reaches them. */
const FAR = 2 ** 62;

/**
 * Whether `node` is the activation of a layer over pixels. A Clip of anything else may be a factor, as in
 * x·clip(x + 3, 0, 6)/6, whose bounds bend as much as its middle; and on few numbers bounds cost nothing.
 */
function isLayer(node: ForwardNode, tape: Tape): boolean {
  const [, , ...pixels] = tape.shapeOf(node.outputs[0]!);
  const maker = tape.makerOf(node.inputs[0]!)?.op ?? '';
  return ['Conv', 'BatchNormalization'].includes(maker) && pixels.some((size) => size !== 1);
}

/** The bounds are attributes before operators' version 11 and optional inputs after. */
export const clip: Rule = (node, gradient, tape) => {
  const bound = (position: number, name: string, otherwise: number): number => {
    if (tape.opset < 11) return floatOf(node, name, otherwise);
    return node.inputs[position] ? (tape.valuesOf(node.inputs[position])[0] ?? otherwise) : otherwise;
  };
  const [lower, upper] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  const y = node.outputs[0]!;
  const passes = tape.ceilings === 'ignored' && lower === 0 && isLayer(node, tape);
  let inside = gradient;
  if (lower > -FAR) inside = tape.op('Mul', [inside, isAbove(tape, y, lower)]);
  if (upper < FAR && !passes) inside = tape.op('Mul', [inside, isBelow(tape, y, upper)]);
  return [inside];
};

/** y(1 − y) */
export const sigmoid: Rule = (node, gradient, tape) => {
  const y = node.outputs[0]!;
  return [tape.op('Mul', [gradient, tape.op('Sub', [y, tape.op('Mul', [y, y])])])];
};

/** 1 − y² */
export const tanh: Rule = (node, gradient, tape) => {
  const y = node.outputs[0]!;
  return [tape.op('Mul', [gradient, tape.op('Sub', [tape.number(1), tape.op('Mul', [y, y])])])];
};

/** y = clip(αx + β, 0, 1): α inside. */
export const hardSigmoid: Rule = (node, gradient, tape) => {
  const slope = tape.op('Mul', [
    inUnitInterval(tape, node.outputs[0]!),
    tape.number(floatOf(node, 'alpha', 0.2)),
  ]);
  return [tape.op('Mul', [gradient, slope])];
};

/** y = x·h with h = clip(x/6 + 1/2, 0, 1): h, and inside the ramp also x/6. */
export const hardSwish: Rule = (node, gradient, tape) => {
  const x = node.inputs[0]!;
  const gate = tape.op('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  const ramp = tape.op('Mul', [tape.op('Mul', [inUnitInterval(tape, gate), x]), tape.number(1 / 6)]);
  return [tape.op('Mul', [gradient, tape.op('Add', [gate, ramp])])];
};

function inUnitInterval(tape: Tape, value: string): string {
  return tape.op('Mul', [isAbove(tape, value, 0), isBelow(tape, value, 1)]);
}
