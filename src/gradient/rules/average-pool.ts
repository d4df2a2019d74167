import { intOf } from '../attributes.ts';
import type { Rule } from '../rule.ts';
import { UnsupportedError } from '../unsupported.ts';
import { type Window, windowsOf } from '../windows.ts';

/**
 * Averaging over a rectangle is Y = A X Bᵀ with a matrix for each axis, so the gradient is Aᵀ G B: two small
 * products with constants, whatever the strides and pads.
 */
export const averagePool: Rule = (node, gradient, tape) => {
  const countPads = intOf(node, 'count_include_pad', 0) === 1;
  const windows = windowsOf(node, tape);
  if (windows.length !== 2) {
    throw new UnsupportedError(`operator AveragePool has a gradient rule for 2 axes, got ${windows.length}`);
  }
  const [vertical, horizontal] = windows as [Window, Window];
  const rows = tape.floats([vertical.output, vertical.input], averages(vertical, countPads));
  const columns = tape.floats([horizontal.output, horizontal.input], averages(horizontal, countPads));
  const across = tape.op('MatMul', [gradient, columns]);
  return [tape.op('MatMul', [tape.op('Transpose', [rows], { perm: [1, 0] }), across])];
};

/** Weight of each input in each output, (output, input). */
function averages(window: Window, countPads: boolean): Float32Array {
  const { input, output, kernel, stride, dilation, before, after } = window;
  const weights = new Float32Array(output * input);
  for (let o = 0; o < output; o++) {
    const read = Array.from({ length: kernel }, (_, k) => o * stride + k * dilation - before);
    const inside = read.filter((position) => position >= 0 && position < input);
    const counted = countPads ? read.filter((position) => position < input + after).length : inside.length;
    for (const position of inside) weights[o * input + position]! += 1 / counted;
  }
  return weights;
}
