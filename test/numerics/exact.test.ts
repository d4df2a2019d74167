import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exactSensitivity } from '../../src/numerics/jacobian/exact.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import { NotMeasurableError } from '../../src/numerics/jacobian/not-measurable-error.ts';
import { softmax } from '../../src/numerics/jacobian/softmax.ts';
import {
  type ClosedForm,
  frobenius,
  linearSoftmax,
  plainInput,
  probabilityJacobian,
  reluMlp,
} from './closed-forms.ts';

// float32 logits of size 1 differenced over 2·0.003: 1.2e-7/0.006 = 2e-5 for each entry, less for the norm.
const LINEAR_TOLERANCE = 1e-5;
// The MLP has kinks inside ±h, which bend a few of 64 units.
const KINK_TOLERANCE = 2e-3;

const cases: [string, ClosedForm, number][] = [
  ['a linear softmax', linearSoftmax(40, 6, 1), LINEAR_TOLERANCE],
  ['a saturated linear softmax', linearSoftmax(40, 6, 4, 3), 1e-4],
  ['a ReLU MLP', reluMlp(40, 64, 6, 2), KINK_TOLERANCE],
];

for (const [name, form, tolerance] of cases) {
  describe(`exactSensitivity of ${name}`, () => {
    const input = plainInput(form.dimension, 3);
    const J = probabilityJacobian(form, input.values);
    const measured = runMeasurement(exactSensitivity(input), form.classify, form.dimension);

    it('agrees with the closed form', async () => {
      const { sensitivity } = await measured;
      assert.ok(
        Math.abs(sensitivity / frobenius(J) - 1) < tolerance,
        `${sensitivity}, expected ${frobenius(J)}`,
      );
    });

    it('divides its square among the coordinates as the columns of J do', async () => {
      const { coordinateSquares } = await measured;
      const { dimension: D, classes: C } = form;
      for (let i = 0; i < D; i++) {
        const column = frobenius(Float64Array.from({ length: C }, (_, c) => J[c * D + i]!));
        const bound = 5 * tolerance * (frobenius(J) / Math.sqrt(D));
        assert.ok(Math.abs(Math.sqrt(coordinateSquares[i]!) - column) < bound, `coordinate ${i}`);
      }
    });

    it('gives ‖∂ log p_ŷ/∂x‖ from the same probes', async () => {
      const { logSensitivity, predicted } = await measured;
      const { dimension: D } = form;
      const p = softmax(form.logits(input.values))[predicted]!;
      const expected = frobenius(J.subarray(predicted * D, (predicted + 1) * D)) / p;
      assert.ok(Math.abs(logSensitivity! / expected - 1) < tolerance);
    });

    it('says that it took one base pass and two for each coordinate', async () => {
      const { passes, probes } = await measured;
      assert.equal(passes, 1 + 2 * form.dimension);
      assert.equal(probes, form.dimension);
    });
  });
}

describe('exactSensitivity', () => {
  it('is per unit of intensity, not of the classifier’s input', async () => {
    const form = linearSoftmax(10, 3, 8);
    const input = plainInput(10, 9);
    const stretched = { values: input.values, unitsPerIntensity: new Float32Array(10).fill(4) };
    const plain = await runMeasurement(exactSensitivity(input), form.classify, 10);
    const four = await runMeasurement(exactSensitivity(stretched), form.classify, 10);
    assert.ok(Math.abs(four.sensitivity / plain.sensitivity - 4) < 4 * LINEAR_TOLERANCE);
  });

  it('sees no asymmetry in a linear function and a large one at a kink', async () => {
    const kink = (inputs: Float32Array): Float32Array =>
      Float32Array.from({ length: 2 * inputs.length }, (_, i) =>
        i % 2 === 0 ? Math.abs(inputs[i >> 1]!) : 0,
      );
    const at = (x: number): Promise<{ asymmetry: number | null }> =>
      runMeasurement(
        exactSensitivity({ values: Float32Array.of(x), unitsPerIntensity: Float32Array.of(1) }),
        kink,
        1,
      );
    assert.ok((await at(0.5)).asymmetry! < 1e-4);
    assert.ok((await at(0.001)).asymmetry! > 0.5);
  });

  it('refuses a classifier that answers NaN', async () => {
    const broken = (_: Float32Array, count: number): Float32Array => new Float32Array(count * 2).fill(NaN);
    await assert.rejects(runMeasurement(exactSensitivity(plainInput(4, 1)), broken, 4), NotMeasurableError);
  });
});
