import { intOf, intsOf, textOf } from '../attributes.ts';
import { reshapeTo, sliceOf } from '../backward-steps.ts';
import type { Rule } from '../rule.ts';
import { UnsupportedError } from '../unsupported.ts';

/** Also Dropout, which does nothing when a model is served. */
export const identity: Rule = (_node, gradient) => [gradient];

/** Whatever keeps the numbers in their order: Reshape, Flatten, Squeeze, Unsqueeze. */
export const reshape: Rule = (node, gradient, tape) => [
  reshapeTo(tape, gradient, tape.shapeOf(node.outputs[0]!), tape.shapeOf(node.inputs[0]!)),
];

export const transpose: Rule = (node, gradient, tape) => {
  const rank = tape.shapeOf(node.inputs[0]!).length;
  const order = intsOf(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const back = order.map((_, axis) => order.indexOf(axis));
  return [tape.op('Transpose', [gradient], { perm: back })];
};

export const concat: Rule = (node, gradient, tape) => {
  const rank = tape.shapeOf(node.outputs[0]!).length;
  const axis = (intOf(node, 'axis', 1) + rank) % rank;
  let start = 0;
  return node.inputs.map((name) => {
    const size = tape.shapeOf(name)[axis];
    if (typeof size !== 'number') throw new UnsupportedError('operator Concat joins rows of the batch');
    const part = tape.isActive(name) ? sliceOf(tape, gradient, [axis], [start], [size]) : null;
    start += size;
    return part;
  });
};

/** The sizes are an attribute before operators' version 11 and an input after. */
export const pad: Rule = (node, gradient, tape) => {
  const mode = textOf(node, 'mode', 'constant');
  if (mode !== 'constant') throw new UnsupportedError(`operator Pad has no gradient rule for mode ${mode}`);
  const shape = tape.shapeOf(node.inputs[0]!);
  const pads = intsOf(node, 'pads') ?? tape.valuesOf(node.inputs[1]!);
  const named = node.inputs[3] ? tape.valuesOf(node.inputs[3]) : shape.map((_, axis) => axis);
  const axes = named.map((axis) => (axis + shape.length) % shape.length);
  const padded = axes.map((axis, i) => ({ axis, before: pads[i]!, after: pads[i + axes.length]! }));
  const changed = padded.filter(({ before, after }) => before !== 0 || after !== 0);
  if (changed.some(({ axis, before, after }) => before < 0 || after < 0 || shape[axis] === null)) {
    throw new UnsupportedError('operator Pad has no gradient rule for sizes below zero or for the batch');
  }
  if (changed.length === 0) return [gradient];
  return [
    sliceOf(
      tape,
      gradient,
      changed.map(({ axis }) => axis),
      changed.map(({ before }) => before),
      changed.map(({ axis }) => shape[axis]!),
    ),
  ];
};
