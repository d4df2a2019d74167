import { isZero, padWith, sliceOf } from '../backward-steps.ts';
import type { Rule } from '../rule.ts';
import type { Tape } from '../tape.ts';
import { UnsupportedError } from '../unsupported.ts';
import { backwards, overhang, type Window, windowsOf } from '../windows.ts';

/** Less than any activation. */
const LOWEST = -3e38;

/**
 * Each window gives its gradient to the first of its maxima.
 *
 * Place by place in the window: the inputs there are an image of the output's size, and what is left of the
 * gradient goes to those that are the maximum. The parts are laid back by a ConvTranspose whose weights send
 * place t of the window to place t. (Gathering each input's windows instead takes ten times as long.)
 */
export const maxPool: Rule = (node, gradient, tape) => {
  const windows = windowsOf(node, tape);
  if (windows.length !== 2) {
    throw new UnsupportedError(`operator MaxPool has a gradient rule for 2 axes, got ${windows.length}`);
  }
  const [vertical, horizontal] = windows as [Window, Window];
  const shape = tape.shapeOf(node.inputs[0]!);
  const padded = withMargins(node.inputs[0]!, windows, tape);
  const alone = tape.ints([-1, 1, vertical.output, horizontal.output]);

  const parts: string[] = [];
  let left = gradient;
  for (let row = 0; row < vertical.kernel; row++) {
    for (let column = 0; column < horizontal.kernel; column++) {
      const inputs = inputsAt(padded, [row, column], windows, tape);
      const isMaximum = isZero(tape, tape.op('Sub', [inputs, node.outputs[0]!]));
      const part = tape.op('Mul', [left, isMaximum]);
      left = tape.op('Sub', [left, part]);
      parts.push(tape.op('Reshape', [part, alone]));
    }
  }
  const places = parts.length;
  const identity = Float32Array.from({ length: places ** 2 }, (_, i) => (i % (places + 1) === 0 ? 1 : 0));
  const weights = tape.floats([places, 1, vertical.kernel, horizontal.kernel], identity);
  const laid = tape.op('ConvTranspose', [tape.op('Concat', parts, { axis: 1 }), weights], backwards(windows));
  return [tape.op('Reshape', [laid, tape.ints(shape.map((size) => size ?? -1))])];
};

/** The inputs with as much of `LOWEST` around them as the windows reach. */
function withMargins(value: string, windows: readonly Window[], tape: Tape): string {
  const before = windows.map((window) => window.before);
  const after = windows.map((window) => Math.max(0, overhang(window)));
  if ([...before, ...after].every((size) => size === 0)) return value;
  return padWith(tape, value, [0, 0, ...before], [0, 0, ...after], LOWEST);
}

/**
 * The input at one place of every window. Every stride-th is taken by a MaxPool over single pixels, for Slice
 * learnt that only in operators' version 10.
 */
function inputsAt(padded: string, place: readonly number[], windows: readonly Window[], tape: Tape): string {
  const starts = windows.map(({ dilation }, axis) => place[axis]! * dilation);
  const sizes = windows.map(({ output, stride }) => (output - 1) * stride + 1);
  const part = sliceOf(tape, padded, [2, 3], starts, sizes);
  const strides = windows.map(({ stride }) => stride);
  return strides.every((stride) => stride === 1)
    ? part
    : tape.op('MaxPool', [part], { kernel_shape: [1, 1], strides });
}
