import { intOf, intsOf } from '../attributes.ts';
import type { ForwardNode } from '../forward.ts';
import { reshapeTo, sumOver } from '../backward-steps.ts';
import type { Rule } from '../rule.ts';
import type { Shape } from '../value-info.ts';
import type { Tape } from '../tape.ts';
import { UnsupportedError } from '../unsupported.ts';

export const globalAveragePool: Rule = (node, gradient, tape) => {
  const shape = tape.shapeOf(node.inputs[0]!);
  return [
    spread(
      node,
      gradient,
      shape.slice(2).map((_, i) => i + 2),
      'mean',
      tape,
    ),
  ];
};

export const reduceMean: Rule = (node, gradient, tape) => [
  spread(node, gradient, reducedAxes(node, tape), 'mean', tape),
];

export const reduceSum: Rule = (node, gradient, tape) => [
  spread(node, gradient, reducedAxes(node, tape), 'sum', tape),
];

/** The axes are an attribute in older versions of the operators and an input in newer; none means all. */
function reducedAxes(node: ForwardNode, tape: Tape): readonly number[] {
  const shape = tape.shapeOf(node.inputs[0]!);
  const named = intsOf(node, 'axes') ?? (node.inputs[1] ? tape.valuesOf(node.inputs[1]) : []);
  if (named.length > 0) return named.map((axis) => (axis + shape.length) % shape.length);
  return intOf(node, 'noop_with_empty_axes', 0) ? [] : shape.map((_, axis) => axis);
}

/** Every number that went into a sum gets its gradient; one product with a constant scales and repeats it. */
function spread(
  node: ForwardNode,
  gradient: string,
  axes: readonly number[],
  what: 'mean' | 'sum',
  tape: Tape,
): string {
  const shape = tape.shapeOf(node.inputs[0]!);
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const repeats = shape.map((size, axis) => {
    if (!axes.includes(axis)) return 1;
    if (size === null) throw new UnsupportedError(`operator ${node.op} reduces over the batch`);
    return size;
  });
  const count = repeats.reduce((a, b) => a * b, 1);
  const weights = tape.floats(repeats, new Float32Array(count).fill(what === 'mean' ? 1 / count : 1));
  const inPlace = reshapeTo(tape, gradient, tape.shapeOf(node.outputs[0]!), kept);
  return tape.op('Mul', [inPlace, weights]);
}

/** y(g − Σ g·y); before operators' version 13 the sum is over all axes from `axis` on. */
export const softmax: Rule = (node, gradient, tape) => {
  const y = node.outputs[0]!;
  const shape: Shape = tape.shapeOf(y);
  const axis = (intOf(node, 'axis', tape.opset < 13 ? 1 : -1) + shape.length) % shape.length;
  const axes = tape.opset < 13 ? shape.flatMap((_, i) => (i >= axis ? [i] : [])) : [axis];
  const mean = sumOver(tape, tape.op('Mul', [gradient, y]), axes);
  return [tape.op('Mul', [y, tape.op('Sub', [gradient, mean])])];
};
