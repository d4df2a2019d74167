import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { createDecode } from '../../src/model/decode.ts';
import { loadModel } from '../../src/model/load.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { openSession } from '../../src/model/session.ts';
import { exactSensitivity } from '../../src/numerics/jacobian/exact.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import { grayManifest, textbookGraph, writeModel } from '../../support/onnx-graph.ts';

// float32 logits of size 1 differenced over 2·0.003.
const TOLERANCE = 5e-5;

/** ‖S(p) J[:, i]‖² for J = [[1, x3, x2], [0, 0, 2]]; with two classes S(p) = p0·p1·[[1, −1], [−1, 1]]. */
function expectedSquares(x: readonly [number, number, number]): number[] {
  const [x1, x2, x3] = x;
  const p0 = 1 / (1 + Math.exp(2 * x3 - (x1 + x2 * x3)));
  const weight = p0 * (1 - p0);
  return [1, x3, x2 - 2].map((difference) => 2 * (weight * difference) ** 2);
}

for (const last of ['Identity', 'Softmax'] as const) {
  describe(`the textbook map through PNG, manifest and ONNX Runtime, ending in ${last}`, () => {
    it('has the squared columns of S(p)·[[1, x3, x2], [0, 0, 2]]', async () => {
      const manifest = grayManifest(1, 3, ['first', 'second']);
      const values = last === 'Softmax' ? 'probabilities' : 'logits';
      const folder = await writeModel({ ...manifest, output: { name: 'z', values } }, textbookGraph(last));
      const model = await loadModel(folder);
      const session = await openSession(model, { threads: 1 });
      const png = await sharp(Uint8Array.of(51, 102, 204), { raw: { width: 3, height: 1, channels: 1 } })
        .png()
        .toBuffer();

      const { pixels } = await createDecode(model.manifest, 100)(png);
      const input = createPreprocess(model.manifest)(pixels);
      const measured = await runMeasurement(exactSensitivity(input), session.classify, 3);
      await session.release();

      const expected = expectedSquares([0.2, 0.4, 0.8]);
      for (let i = 0; i < 3; i++) {
        assert.ok(
          Math.abs(measured.coordinateSquares[i]! / expected[i]! - 1) < TOLERANCE,
          `coordinate ${i}: ${measured.coordinateSquares[i]}, expected ${expected[i]}`,
        );
      }
      const norm = Math.sqrt(expected.reduce((sum, square) => sum + square));
      assert.ok(Math.abs(measured.sensitivity / norm - 1) < TOLERANCE);
    });
  });
}
