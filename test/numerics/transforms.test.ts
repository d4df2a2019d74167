import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageShape } from '../../src/numerics/jacobian/image-shape.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import { softmax } from '../../src/numerics/jacobian/softmax.ts';
import { measureTransforms } from '../../src/numerics/jacobian/transform-sensitivity.ts';
import { defaultFamily, type Transform, writeTransformed } from '../../src/numerics/jacobian/transforms.ts';

function apply(values: number[], shape: ImageShape, transform: Transform, sign: 1 | -1 = 1): number[] {
  const input = {
    values: Float32Array.from(values),
    unitsPerIntensity: new Float32Array(values.length).fill(2),
  };
  const target = new Float32Array(values.length);
  writeTransformed(input, shape, transform, sign, target);
  return [...target].map((value) => Math.round(value * 1e5) / 1e5);
}
const gray = (height: number, width: number): ImageShape => ({ height, width, channels: 1, layout: 'NCHW' });

describe('writeTransformed', () => {
  const row = [0, 4, 8, 12];

  it('shifts by whole pixels exactly, the edge going on', () => {
    assert.deepEqual(apply(row, gray(1, 4), { name: 'shift_x', step: 1 / 4 }), [0, 0, 4, 8]);
    assert.deepEqual(apply(row, gray(1, 4), { name: 'shift_x', step: 1 / 4 }, -1), [4, 8, 12, 12]);
    assert.deepEqual(apply(row, gray(4, 1), { name: 'shift_y', step: 1 / 4 }), [0, 0, 4, 8]);
  });

  it('interpolates halfway between pixels', () => {
    assert.deepEqual(apply(row, gray(1, 4), { name: 'shift_x', step: 1 / 8 }), [0, 2, 6, 10]);
  });

  it('turns by a quarter', () => {
    assert.deepEqual(apply([1, 2, 3, 4], gray(2, 2), { name: 'rotation', step: 90 }), [2, 4, 1, 3]);
  });

  it('keeps a picture that it turns by a full circle', () => {
    assert.deepEqual(apply([1, 2, 3, 4], gray(2, 2), { name: 'rotation', step: 360 }), [1, 2, 3, 4]);
  });

  it('scales about the centre', () => {
    assert.deepEqual(apply(row, gray(1, 4), { name: 'scale', step: 1 }), [3, 5, 7, 9]);
  });

  it('brightens by intensity, in the input’s own units', () => {
    assert.deepEqual(apply(row, gray(1, 4), { name: 'brightness', step: 0.5 }), [1, 5, 9, 13]);
  });

  it('blurs and sharpens by the same difference', () => {
    assert.deepEqual(apply([0, 0, 8, 0, 0], gray(1, 5), { name: 'blur', step: 1 }), [0, 2, 4, 2, 0]);
    assert.deepEqual(apply([0, 0, 8, 0, 0], gray(1, 5), { name: 'blur', step: 1 }, -1), [0, -2, 12, -2, 0]);
  });

  it('mirrors, and mirrored twice is the picture itself', () => {
    const once = apply([1, 2, 3, 4, 5, 6], gray(2, 3), { name: 'mirror', step: 1 });
    assert.deepEqual(once, [3, 2, 1, 6, 5, 4]);
    assert.deepEqual(apply(once, gray(2, 3), { name: 'mirror', step: 1 }), [1, 2, 3, 4, 5, 6]);
  });

  it('treats NHWC and NCHW alike', () => {
    const planes = [0, 4, 8, 1, 5, 9];
    const interleaved = [0, 1, 4, 5, 8, 9];
    const shape = { height: 1, width: 3, channels: 2 };
    for (const transform of defaultFamily(true)) {
      const a = apply(planes, { ...shape, layout: 'NCHW' }, transform);
      const b = apply(interleaved, { ...shape, layout: 'NHWC' }, transform);
      assert.deepEqual([a[0], a[3], a[1], a[4], a[2], a[5]], b, transform.name);
    }
  });
});

describe('measureTransforms', () => {
  // z = (mean intensity · 10, 0): only brightness moves a flat picture.
  const flat = { values: new Float32Array(16).fill(0.5), unitsPerIntensity: new Float32Array(16).fill(1) };
  const classify = (inputs: Float32Array, count: number): Float32Array =>
    Float32Array.from({ length: 2 * count }, (_, i) =>
      i % 2 === 0 ? 10 * (inputs.subarray(8 * i, 8 * i + 16).reduce((a, b) => a + b) / 16) : 0,
    );

  it('sees a flat picture change by brightness alone, as the closed form says', async () => {
    const p = softmax([5, 0]);
    const family = defaultFamily(true);
    const measured = await runMeasurement(measureTransforms(flat, gray(4, 4), family, p, 0), classify, 16);
    const plus = softmax([6, 0])[0]!;
    const minus = softmax([4, 0])[0]!;
    const expected = (Math.SQRT2 * (plus - minus)) / 2;
    // float32 logits of size 5.
    assert.ok(Math.abs(measured.sensitivity - expected) < 1e-6);
    const quiet = measured.each.filter(({ name }) => name !== 'brightness');
    assert.ok(quiet.every(({ sensitivity }) => sensitivity < 1e-6));
    assert.ok(Math.abs(measured.agreement - (11 * p[0]! + plus + minus) / 13) < 1e-6);
    assert.equal(measured.passes, 13);
  });

  it('leaves the mirror image out where labels do not survive it', () => {
    assert.ok(defaultFamily(false).every(({ name }) => name !== 'mirror'));
    assert.equal(defaultFamily(true).length, defaultFamily(false).length + 1);
  });
});
