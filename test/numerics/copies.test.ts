import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asksCopies, COPY_NAMES, measureCopies } from '../../src/numerics/jacobian/copies.ts';
import type { ImageShape } from '../../src/numerics/jacobian/image-shape.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import { NotMeasurableError } from '../../src/numerics/jacobian/not-measurable-error.ts';
import { softmax } from '../../src/numerics/jacobian/softmax.ts';

const shape: ImageShape = { height: 1, width: 28, channels: 1, layout: 'NCHW' };
const values = Float32Array.from({ length: 28 }, (_, i) => Math.sin(i) + i / 10);
const input = { values, unitsPerIntensity: new Float32Array(28).fill(1) };
/** Logits are the first pixel and the last one. */
const ends = (inputs: Float32Array, count: number): Float32Array =>
  Float32Array.from({ length: 2 * count }, (_, i) => inputs[(i >> 1) * 28 + (i % 2) * 27]!);

describe('measureCopies', () => {
  it('gives the predicted class’s probability at the mirror image and one pixel to the right', async () => {
    const measuring = measureCopies(input, shape, ['mirror', 'shift_right'], 2, 1);
    const { mirror, shift_right: shifted, ...others } = await runMeasurement(measuring, ends, 28);
    assert.deepEqual(others, {});
    assert.equal(mirror, softmax(Float32Array.of(values[27]!, values[0]!))[1]);
    assert.ok(Math.abs(shifted! - softmax(Float32Array.of(values[0]!, values[26]!))[1]!) < 1e-6);
  });

  it('asks for one pass a copy, of every copy there is', async () => {
    let passes = 0;
    const counted = (inputs: Float32Array, count: number): Float32Array => {
      passes += count;
      return ends(inputs, count);
    };
    const confidences = await runMeasurement(measureCopies(input, shape, COPY_NAMES, 2, 0), counted, 28);
    assert.equal(passes, COPY_NAMES.length);
    assert.deepEqual(Object.keys(confidences), [...COPY_NAMES]);
  });

  it('is not measurable where a copy has no answer', async () => {
    const nowhere = (_: Float32Array, count: number): Float32Array => new Float32Array(2 * count).fill(NaN);
    await assert.rejects(
      runMeasurement(measureCopies(input, shape, ['mirror'], 2, 0), nowhere, 28),
      NotMeasurableError,
    );
  });
});

describe('asksCopies', () => {
  it('is for what lies strictly between the two', () => {
    const between = [0.5, 0.9] as const;
    assert.deepEqual(
      [0.4, 0.5, 0.6, 0.9, 0.95, NaN].map((confidence) => asksCopies({ between }, confidence)),
      [false, false, true, false, false, false],
    );
  });
});
