import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Gate } from '../../../src/gate/gate.ts';
import { DEFAULT_PLAN } from '../../../src/gate/measurement-plan.ts';
import type { Verdict } from '../../../support/adversary/tell-apart.ts';
import { gateFor } from '../../prediction/gate-for.ts';
import { linearSoftmaxModel } from '../../prediction/linear-softmax.ts';

const SIDE = 4;
/** Of each kind. */
export const ITEMS = 1000;

export const model = await linearSoftmaxModel({
  name: 'light-or-dark',
  height: SIDE,
  width: SIDE,
  labels: ['dark', 'light'],
  weights: [...Array<number>(SIDE * SIDE).fill(0), ...Array<number>(SIDE * SIDE).fill(0.5)],
  bias: [0, -SIDE * SIDE * 0.25],
});
const gateAt = (threshold: number): Gate =>
  gateFor(model, { threshold, show_prediction: true, measurement: { ...DEFAULT_PLAN, looks: [8] } });
/** Every image is automatic, and so may be an audit. */
export const lax = gateAt(1000);
/** Every image is sensitive. */
export const strict = gateAt(0);

/** Different pictures, of which no two have the same pixels. */
export async function picture(random: () => number): Promise<Buffer> {
  const pixels = Uint8Array.from({ length: SIDE * SIDE }, () => Math.floor(random() * 256));
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .png()
    .toBuffer();
}

const isBlind = ({ auroc }: Verdict): boolean => auroc >= 0.45 && auroc <= 0.55;

/**
 * Has an adversary try, and once more on fresh traffic where it did better than chance: with 1,000 of each
 * kind chance alone leaves the range in one of a hundred tries.
 *
 * @throws AssertionError where it did so twice
 */
export async function requireBlind(attempt: () => Promise<Verdict>): Promise<void> {
  if (isBlind(await attempt())) return;
  const { auroc, loudest } = await attempt();
  assert.ok(
    isBlind({ auroc, loudest }),
    `expected the adversary to do no better than chance, AUROC 0.45 to 0.55; got ${auroc.toFixed(3)}, the ` +
      `second time. What tells most by itself: ${loudest.join('; ')}`,
  );
}
