import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { DEFAULT_PLAN } from '../../src/gate/measurement-plan.ts';
import type { Transform } from '../../src/numerics/jacobian/transforms.ts';
import { procedureOf, hashPixels, measureInput, seedOf } from '../../src/prediction/measure-input.ts';
import { startEngine } from '../engine/start-engine.ts';
import { gateFor } from './gate-for.ts';
import { intensities } from './gray-image.ts';
import { type LinearSoftmax, linearSoftmaxModel, pixelSquares } from './linear-softmax.ts';

const MINUTE = 60_000;
const form: LinearSoftmax = {
  height: 2,
  width: 2,
  labels: ['a', 'b', 'c'],
  weights: [1, -2, 0.5, 0, 0, 1, 3, -1, -1, 0, 0, 2],
  bias: [0.3, 0, -0.2],
};
const model = await linearSoftmaxModel(form);
const engine = startEngine(model);
after(() => {
  engine.close();
});
const pixels = Uint8Array.of(10, 200, 90, 255);
const hash = hashPixels(pixels);

describe('seedOf', () => {
  it('gives one input under one model the same directions every time, and any other ones of its own', () => {
    const seed = seedOf(hash, model.digest);
    assert.deepEqual(seedOf(hash, model.digest), seed);
    assert.notDeepEqual(seedOf(hashPixels(Uint8Array.of(11, 200, 90, 255)), model.digest), seed);
    assert.notDeepEqual(seedOf(hash, 'sha256:another'), seed);
  });

  it('is never all zeros, which the generator could not leave', () => {
    for (let i = 0; i < 100; i++) assert.equal(seedOf(String(i), model.digest)[0]! & 1, 1);
  });
});

describe('procedureOf', () => {
  it('takes the whole default plan where there is no gate', () => {
    assert.deepEqual(procedureOf(null), { plan: DEFAULT_PLAN, threshold: null });
  });

  it('stops at the threshold of a gate on the sensitivity', () => {
    const gate = gateFor(model, { threshold: 0.7, measurement: { ...DEFAULT_PLAN, looks: [1, 2] } });
    assert.deepEqual(procedureOf(gate), { plan: gate.measurement, threshold: 0.7 });
  });

  it('has no threshold to stop at where the gate is on another signal', () => {
    assert.equal(procedureOf(gateFor(model, { signal: 'confidence', threshold: 0.9 })).threshold, null);
  });
});

describe('measureInput', () => {
  const DIRECTIONS = 1024;
  // SD of the norm from k directions is at most √(1/2k) of it, the rank-one case: 2.2%. Four of them.
  const TOLERANCE = 4 * Math.sqrt(1 / (2 * DIRECTIONS));

  it('estimates ‖S(p)W‖_F, as far as so many directions tell', async () => {
    const procedure = { plan: { ...DEFAULT_PLAN, looks: [DIRECTIONS] }, threshold: null };
    const { result } = await measureInput(engine, pixels, hash, model.digest, procedure, MINUTE);
    const expected = Math.sqrt(
      pixelSquares(form, intensities([...pixels])).reduce((sum, square) => sum + square),
    );
    assert.ok(
      Math.abs(result!.sensitivity / expected - 1) < TOLERANCE,
      `${result!.sensitivity} for ${expected}`,
    );
    assert.equal(result!.passes, 1 + DIRECTIONS);
  });

  it('gives the same input bit for bit the same measurement', async () => {
    const once = () => measureInput(engine, pixels, hash, model.digest, procedureOf(null), MINUTE);
    const [first, ...others] = await Promise.all([once(), once(), once()]);
    for (const { result } of others) assert.deepEqual(result, first.result);
  });

  it('measures the transformations of the plan rather than those it is asked for', async () => {
    const shift: readonly Transform[] = [{ name: 'shift_x', step: 1 }];
    const transformsOf = async (planned: readonly Transform[] | null, asked: readonly Transform[] | null) => {
      const procedure = {
        plan: { ...DEFAULT_PLAN, transforms: planned === null ? null : [...planned] },
        threshold: null,
      };
      const { result } = await measureInput(engine, pixels, hash, model.digest, procedure, MINUTE, asked);
      return result!.transforms;
    };
    assert.equal(await transformsOf(null, null), null);
    const planned = await transformsOf(shift, null);
    assert.ok(planned);
    assert.deepEqual(await transformsOf(null, shift), planned);
    assert.deepEqual(await transformsOf(shift, [{ name: 'shift_x', step: 2 }]), planned);
  });
});
