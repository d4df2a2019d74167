import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { batchRowsFor } from '../../src/engine/batch-rows.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Estimate } from '../../src/engine/job.ts';
import type { Gate } from '../../src/gate/gate.ts';
import { readGate } from '../../src/gate/read-gate.ts';
import { createDecode } from '../../src/model/decode.ts';
import { loadModel, type Model } from '../../src/model/load.ts';
import { procedureOf, hashPixels, measureInput, type Procedure } from '../../src/prediction/measure-input.ts';

const MINUTE = 60_000;
/** Relative SD of the norm from so many directions is at most √(1/2k), the rank-one case: 4.4%. */
const MANY = 256;
const CONFIDENCE = 0.99;

for (const name of ['fashion-mnist', 'mnist']) {
  describe(`the shipped model ${name}`, () => {
    const folder = fileURLToPath(new URL(`../../models/${name}`, import.meta.url));
    let model: Model;
    let gate: Gate;
    let engine: Engine;
    /** One image of each class. */
    let images: Uint8Array[];
    let exact: number[];

    const measure = async (pixels: Uint8Array, procedure: Procedure): Promise<Estimate> => {
      const { result } = await measureInput(
        engine,
        pixels,
        hashPixels(pixels),
        model.digest,
        procedure,
        MINUTE,
      );
      assert.ok(result);
      return result;
    };

    before(async () => {
      model = await loadModel(folder);
      gate = await readGate(join(folder, 'gate.json'), model.digest);
      engine = createEngine(model, {
        processes: 1,
        threads: 2,
        batchRows: batchRowsFor(model.dimension),
        silenceMs: MINUTE,
        events: { onBatch: () => undefined, onRestart: () => undefined },
      });
      const decode = createDecode(model.manifest, 1_000_000);
      const samples = join(folder, 'samples');
      images = [];
      for (const label of (await readdir(samples)).sort()) {
        const [file] = (await readdir(join(samples, label))).sort();
        images.push((await decode(await readFile(join(samples, label, file!)))).pixels);
      }
      const measured = await Promise.all(
        images.map((pixels) => engine.measure(pixels, { kind: 'exact' }, MINUTE)),
      );
      exact = measured.map(({ result }) => result!.sensitivity);
    });
    after(() => {
      engine.close();
    });

    it('has estimates that agree with the exact norm within their spread', async () => {
      const plan = { ...gate.measurement, looks: [MANY], prior: null };
      const estimates = await Promise.all(images.map((pixels) => measure(pixels, { plan, threshold: null })));
      const errors = estimates.map(({ sensitivity }, i) => Math.log(sensitivity / exact[i]!));
      // Four SD for the worst of ten images; forward differences add a curvature term below 2%.
      for (const [i, error] of errors.entries()) {
        assert.ok(Math.abs(error) < 4 * Math.sqrt(1 / (2 * MANY)) + 0.02, `image ${i}: off by ${error}`);
      }
    });

    it('has intervals that hold the exact norm', async () => {
      const plan = { ...gate.measurement, looks: [8], prior: null, confidence: CONFIDENCE };
      const estimates = await Promise.all(images.map((pixels) => measure(pixels, { plan, threshold: null })));
      const missed = estimates.filter(
        ({ interval }, i) => exact[i]! < interval![0] || exact[i]! > interval![1],
      );
      // Ten images at 99%: three misses have a probability of one in ten thousand.
      assert.ok(missed.length <= 2, `${missed.length} of ${images.length} missed`);
    });

    it('has the same sensitivity alone and among others, gradients and all', async () => {
      const procedure: Procedure = {
        plan: { ...gate.measurement, looks: [2], prior: null },
        threshold: null,
      };
      const alone: number[] = [];
      for (const pixels of images) alone.push((await measure(pixels, procedure)).sensitivity);
      // Other plans beside them, so that every batch is another mixture.
      const [together] = await Promise.all([
        Promise.all(images.map((pixels) => measure(pixels, procedure))),
        Promise.all(images.map((pixels) => measure(pixels, procedureOf(gate)))),
        Promise.all(images.map((pixels) => engine.measure(pixels, { kind: 'exact' }, MINUTE))),
      ]);
      assert.deepEqual(
        together.map(({ sensitivity }) => sensitivity),
        alone,
      );
    });

    it('decides by its gate as the exact norm would, on images that are not close to the threshold', async () => {
      const decided = await Promise.all(images.map((pixels) => measure(pixels, procedureOf(gate))));
      let seen = 0;
      for (const [i, { verdict }] of decided.entries()) {
        const far = Math.abs(Math.log(exact[i]! / gate.threshold)) > Math.log(3);
        if (!far) continue;
        seen++;
        assert.equal(verdict, exact[i]! < gate.threshold ? 'below' : 'above', `image ${i}`);
      }
      assert.ok(seen >= 5, `only ${seen} images are far from the threshold`);
    });

    it('has the accuracy on its test split that it has to have', () => {
      const { accuracy } = model.manifest;
      assert.ok(accuracy && accuracy.images === 10_000 && accuracy.split === 'test');
      assert.ok(accuracy.value >= (name === 'mnist' ? 0.993 : 0.93), String(accuracy.value));
    });
  });
}
