/** What calibration counts as automatic is what a service with the gate decides, image by image. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataset } from '../../src/dataset/open.ts';
import { splitByHash } from '../../src/dataset/split.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { parseGate } from '../../src/gate/read-gate.ts';
import type { SignalName } from '../../src/gate/signals/registry.ts';
import { loadModel, type Model } from '../../src/model/load.ts';
import { composeAnswer } from '../../src/prediction/compose-answer.ts';
import { measureInput, procedureOf } from '../../src/prediction/measure-input.ts';
import { calibrate } from '../../src/study/calibration/calibrate.ts';
import { openDatasetEngine } from '../../src/study/measuring/dataset-engine.ts';
import { type HashedDataset, hashDataset } from '../../src/study/measuring/hash-dataset.ts';

const folder = fileURLToPath(new URL('../../models/fashion-mnist', import.meta.url));
const TEST_FILE = join(folder, 'test-split/t10k-images-idx3-ubyte.gz');
/** Half of them teach what is familiar, which takes 167. */
const IMAGES = 360;
const salt = 'certified is served';

describe('a calibrated gate', () => {
  let model: Model;
  let dataset: HashedDataset;
  let engine: Engine;
  before(async () => {
    model = await loadModel(folder);
    const opened = await openDataset(TEST_FILE, model, { maxPixels: 1e6 });
    const some = { ...opened, images: opened.images.slice(0, IMAGES) };
    dataset = await hashDataset(some, { labels: model.manifest.labels, fewest: 0 });
    engine = await openDatasetEngine(model);
  });
  after(() => {
    engine.close();
  });

  const signals: readonly (SignalName | 'best')[] = [
    ...(['best', 'sensitivity', 'confidence', 'log_sensitivity', 'risk'] as const),
    ...(['mirror_confidence', 'two_shift_confidence'] as const),
  ];
  for (const signal of signals) {
    it(`on ${signal} decides as it was certified`, async () => {
      const { gate, outcome } = await calibrate(engine, model, dataset, {
        ...{
          signal,
          goal: { method: 'coverage', coverage: 0.75, confidence: 0.95 },
          salt,
          calm: 0.9,
          unfamiliar: 0.05,
        },
        ...{ cache: null, onProgress: () => () => undefined, created: '', tool: '' },
      });
      assert.ok(gate, outcome.outcome);
      const served = parseGate(JSON.stringify(gate), 'gate.json', model.digest);
      const { certification } = splitByHash(dataset.images, salt);
      const decided = await Promise.all(
        certification.map(async ({ hash, label, read }) => {
          const { pixels } = await read();
          const procedure = procedureOf(served);
          const measured = await measureInput(engine, pixels, hash, model.digest, procedure, 60_000);
          const answer = composeAnswer(
            { id: '', stream: null },
            { outcome: measured, exact: null, damage: null },
            model,
            served,
          );
          return { auto: answer.decision === 'auto', wrong: answer.prediction!.index !== label };
        }),
      );
      const automatic = decided.filter(({ auto }) => auto);
      const { certification: counted, parts } = served.calibration;
      assert.ok(automatic.length > 50 && automatic.length < certification.length);
      assert.deepEqual(
        [automatic.length, automatic.filter(({ wrong }) => wrong).length],
        [counted.accepted, counted.errors_accepted],
      );
      assert.ok(served.familiarity !== null && served.measurement.statistics);
      const [rank] = parts;
      assert.equal(rank!.part, 'rank');
      assert.ok(rank!.sent.images <= certification.length - automatic.length);
    });
  }
});
