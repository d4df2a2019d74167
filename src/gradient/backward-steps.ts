import type { Shape } from './value-info.ts';
import type { Tape } from './tape.ts';
import { UnsupportedError } from './unsupported.ts';

/**
 * Backward steps that several rules share, each a node or two in the form that the graph's operator version
 * wants.
 */

/**
 * `value` of shape `from` in another shape with as many numbers.
 *
 * Where both begin with the batch it is copied, not computed: ONNX Runtime then still knows that gradients
 * and activations have equally many rows, without which it takes none of their products in its blocked
 * layout.
 */
export function reshapeTo(tape: Tape, value: string, from: Shape, to: Shape): string {
  if (from.length === to.length && from.every((size, axis) => size === to[axis])) return value;
  if (to.filter((size) => size === null).length > 1) {
    throw new UnsupportedError(
      `expected one size that grows with the batch, got the shape ${JSON.stringify(to)}`,
    );
  }
  const copied = from[0] === null && to[0] === null;
  const sizes = to.map((size, axis) => size ?? (copied && axis === 0 ? 0 : -1));
  return tape.op('Reshape', [value, tape.ints(sizes)]);
}

/** Sum over `axes`, which stay as sizes of one. */
export function sumOver(tape: Tape, value: string, axes: readonly number[]): string {
  return tape.opset < 13
    ? tape.op('ReduceSum', [value], { axes, keepdims: 1 })
    : tape.op('ReduceSum', [value, tape.ints(axes)], { keepdims: 1 });
}

/**
 * The gradient of an operand of shape `to` that was broadcast to `from`: summed over what it was repeated
 * for.
 */
export function sumTo(tape: Tape, gradient: string, from: Shape, to: Shape): string {
  const extra = from.length - to.length;
  const axes = from.flatMap((size, axis) => {
    const repeated = axis < extra ? size !== 1 : to[axis - extra] === 1 && size !== 1;
    return repeated ? [axis] : [];
  });
  if (axes.some((axis) => from[axis] === null)) {
    throw new UnsupportedError(
      `expected rows that do not touch each other, got ${JSON.stringify(to)} broadcast to ` +
        JSON.stringify(from),
    );
  }
  const sum = axes.length > 0 ? sumOver(tape, gradient, axes) : gradient;
  const kept = from.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return reshapeTo(tape, sum, kept, to);
}

/** Part of `value` from `starts` for `sizes` along `axes`. */
export function sliceOf(
  tape: Tape,
  value: string,
  axes: readonly number[],
  starts: readonly number[],
  sizes: readonly number[],
): string {
  const ends = starts.map((start, i) => start + sizes[i]!);
  return tape.opset < 10
    ? tape.op('Slice', [value], { axes, starts, ends })
    : tape.op('Slice', [value, tape.ints(starts), tape.ints(ends), tape.ints(axes)]);
}

/** `value` with `filling` around it: `before` and `after` each axis. */
export function padWith(
  tape: Tape,
  value: string,
  before: readonly number[],
  after: readonly number[],
  filling: number,
): string {
  const pads = [...before, ...after];
  return tape.opset < 11
    ? tape.op('Pad', [value], { pads, value: { float: filling } })
    : tape.op('Pad', [value, tape.ints(pads), tape.number(filling)]);
}

/**
 * Slope of a HardSigmoid that is a step: times it, what differs in float32 differs by more than one, unless
 * it is nearer to zero than 2⁻⁶⁴. A power of two, so that nothing is rounded.
 */
const STEEP = 2 ** 64;

/**
 * 1 where `value` > `bound` and 0 elsewhere. One node, which also keeps ONNX Runtime's blocked layout of
 * convolutions.
 */
export function isAbove(tape: Tape, value: string, bound: number): string {
  return step(tape, value, STEEP, -STEEP * bound);
}

/** 1 where `value` < `bound` and 0 elsewhere. */
export function isBelow(tape: Tape, value: string, bound: number): string {
  return step(tape, value, -STEEP, STEEP * bound);
}

/** 1 where `value`, which is nowhere above zero, is zero, and 0 elsewhere. */
export function isZero(tape: Tape, value: string): string {
  return step(tape, value, STEEP, 1);
}

function step(tape: Tape, value: string, alpha: number, beta: number): string {
  return tape.op('HardSigmoid', [value], { alpha: { float: alpha }, beta: { float: beta } });
}
