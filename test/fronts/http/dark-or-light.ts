import sharp from 'sharp';
import { DEFAULT_PLAN } from '../../../src/gate/measurement-plan.ts';
import { type LinearSoftmax, linearSoftmaxModel } from '../../prediction/linear-softmax.ts';
import { gateFor } from '../../prediction/gate-for.ts';

/** How fast the answer turns from dark to light, per unit of intensity. */
const SHARPNESS = 8;

/**
 * The network of these tests: p(light) = σ(8(x − ½)) of one gray pixel x in [0, 1], whose sensitivity is
 * √2·8·p(1 − p). That is 2.8 at mid-gray, 1.5 at 180 of 255, 0.96 at 200, and 0.2 at black and at white.
 */
export const darkOrLight: LinearSoftmax = {
  name: 'dark-or-light',
  height: 1,
  width: 1,
  labels: ['dark', 'light'],
  weights: [0, SHARPNESS],
  bias: [0, -SHARPNESS / 2],
};

export const model = await linearSoftmaxModel(darkOrLight);

/**
 * From 0.5 on a person decides. One pixel has one direction, so that the estimate is off by the spread of 64
 * random lengths: 6%, where the values above are 60% apart.
 */
export const gate = gateFor(model, { threshold: 0.5, measurement: { ...DEFAULT_PLAN, looks: [64] } });

/** Largest image that is taken. */
export const MAX_PIXELS = 10_000;

/** A solid gray image; 0 is dark, 255 light, and 128 is where the answer turns. */
export function grayPng(value: number, size = 4): Promise<Buffer> {
  const background = { r: value, g: value, b: value };
  return sharp({ create: { width: size, height: size, channels: 3, background } })
    .png()
    .toBuffer();
}
