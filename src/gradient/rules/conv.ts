import { intOf } from '../attributes.ts';
import type { Rule } from '../rule.ts';
import type { Tape } from '../tape.ts';
import { UnsupportedError } from '../unsupported.ts';
import { backwards, type Window, windowsOf } from '../windows.ts';

/**
 * Channels of the input below which a ConvTranspose is faster: ONNX Runtime fills the channels of a Conv up
 * to a block of 16, so that the gradient of a gray image would cost 16 times its arithmetic.
 */
const FEW_CHANNELS = 8;

/**
 * The gradient of a convolution.
 *
 * With stride 1 a convolution with the flipped, transposed weights, at the forward pass's cost. Otherwise a
 * ConvTranspose, which is by definition this gradient: measured on 48 → 32 channels, 14² → 28² pixels, it
 * takes 0.6 times as long as one Conv for all phases of the stride laid out by DepthToSpace, and 0.4 times a
 * Conv over the gradient with zeros between.
 */
export const conv: Rule = (node, gradient, tape) => {
  const [x, weights] = node.inputs as [string, string];
  if (tape.isActive(weights)) {
    throw new UnsupportedError('operator Conv has no gradient rule for weights that depend on the input');
  }
  const windows = windowsOf(node, tape, tape.shapeOf(weights).slice(2));
  const group = intOf(node, 'group', 1);
  const pads = windows.map(reversedPads);

  const channels = tape.shapeOf(x)[1]!;
  const fewChannels = channels < FEW_CHANNELS;
  const flips =
    windows.every(({ stride }) => stride === 1) && pads.every(([before, after]) => before >= 0 && after >= 0);
  if (!flips || fewChannels) {
    const transposed = tape.op('ConvTranspose', [gradient, weights], { group, ...backwards(windows) });
    const byChannel = group === channels && windows.length === 2;
    return [byChannel && !fewChannels ? inBlocks(tape, transposed, channels) : transposed];
  }
  return [
    tape.op('Conv', [gradient, turnedWeights(tape, weights, group)], {
      group,
      kernel_shape: windows.map(({ kernel }) => kernel),
      dilations: windows.map(({ dilation }) => dilation),
      pads: [...pads.map(([before]) => before), ...pads.map(([, after]) => after)],
    }),
  ];
};

/**
 * The same numbers, as a convolution of single pixels gives them: in ONNX Runtime's blocked layout, which has
 * no ConvTranspose and without it would be left for what follows, too. Where channels mix it gains nothing.
 */
function inBlocks(tape: Tape, value: string, channels: number): string {
  const ones = tape.floats([channels, 1, 1, 1], new Float32Array(channels).fill(1));
  return tape.op('Conv', [value, ones], { group: channels, kernel_shape: [1, 1] });
}

/**
 * Zeros before and after the gradient such that a stride-1 convolution of it gives as many numbers as the
 * input has.
 */
function reversedPads({ kernel, dilation, before, after }: Window): readonly [number, number] {
  const reach = (kernel - 1) * dilation;
  return [reach - before, reach - after];
}

/**
 * Weights (M, C/g, k…) flipped along each k and with the channels of each group exchanged: (C, M/g, k…).
 *
 * Written as nodes on constants, which ONNX Runtime computes once: the file holds its weights once, and they
 * may themselves be computed.
 */
function turnedWeights(tape: Tape, weights: string, group: number): string {
  const [outputs, inputs, ...kernel] = tape.shapeOf(weights) as readonly number[] as [
    number,
    number,
    ...number[],
  ];
  let flipped = weights;
  kernel.forEach((size, i) => {
    if (size === 1) return;
    const backwards = tape.ints(Array.from({ length: size }, (_, k) => size - 1 - k));
    flipped = tape.op('Gather', [flipped, backwards], { axis: i + 2 });
  });
  const apart = tape.op('Reshape', [flipped, tape.ints([group, outputs / group, inputs, ...kernel])]);
  const exchanged = tape.op('Transpose', [apart], { perm: [0, 2, 1, ...kernel.map((_, i) => i + 3)] });
  return tape.op('Reshape', [exchanged, tape.ints([group * inputs, outputs / group, ...kernel])]);
}
