import { intsOf, textOf } from './attributes.ts';
import type { ForwardNode } from './forward.ts';
import type { Attributes, Tape } from './tape.ts';
import { UnsupportedError } from './unsupported.ts';

/**
 * How a convolution or a pooling moves along one axis: output o reads inputs o·stride + k·dilation − before.
 */
export interface Window {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/**
 * The windows of `node`, one for each axis after rows and channels.
 *
 * @param kernel Sizes of the kernel, where the node need not name them.
 */
export function windowsOf(node: ForwardNode, tape: Tape, kernel: readonly (number | null)[] = []): Window[] {
  const inputs = tape.shapeOf(node.inputs[0]!).slice(2);
  const outputs = tape.shapeOf(node.outputs[0]!).slice(2);
  const kernels = intsOf(node, 'kernel_shape') ?? kernel;
  const strides = intsOf(node, 'strides');
  const dilations = intsOf(node, 'dilations');
  const pads = intsOf(node, 'pads');
  const autoPad = textOf(node, 'auto_pad', 'NOTSET');
  return inputs.map((input, axis) => {
    const output = outputs[axis];
    const size = kernels[axis];
    if (typeof input !== 'number' || typeof output !== 'number' || typeof size !== 'number') {
      throw new UnsupportedError(`operator ${node.op} moves over a size that grows with the batch`);
    }
    const stride = strides?.[axis] ?? 1;
    const dilation = dilations?.[axis] ?? 1;
    const window = { input, output, kernel: size, stride, dilation };
    if (autoPad === 'VALID') return { ...window, before: 0, after: 0 };
    if (autoPad.startsWith('SAME')) {
      const total = Math.max(0, (output - 1) * stride + (size - 1) * dilation + 1 - input);
      const less = Math.floor(total / 2);
      return autoPad === 'SAME_UPPER'
        ? { ...window, before: less, after: total - less }
        : { ...window, before: total - less, after: less };
    }
    return { ...window, before: pads?.[axis] ?? 0, after: pads?.[axis + inputs.length] ?? 0 };
  });
}

/** How far the last window reaches behind the last input; below zero where inputs are left unread. */
export function overhang({ input, output, kernel, stride, dilation, before }: Window): number {
  return (output - 1) * stride + (kernel - 1) * dilation + 1 - before - input;
}

/**
 * Attributes of a ConvTranspose that goes back from the outputs of `windows` to as many numbers as their
 * inputs had.
 */
export function backwards(windows: readonly Window[]): Attributes {
  const over = windows.map(overhang);
  return {
    kernel_shape: windows.map(({ kernel }) => kernel),
    strides: windows.map(({ stride }) => stride),
    dilations: windows.map(({ dilation }) => dilation),
    pads: [...windows.map(({ before }) => before), ...over.map((size) => Math.max(0, size))],
    output_padding: over.map((size) => Math.max(0, -size)),
  };
}
