/**
 * How long does a calibration take, and how much of it is measuring? 10,000 labelled images of 28 × 28 from
 * file to gate, against what the same engine does a second when the gate that comes out serves them.
 */
import { join } from 'node:path';
import { openDataset } from '../src/dataset/open.ts';
import { calibrate } from '../src/study/calibration/calibrate.ts';
import { hashDataset } from '../src/study/measuring/hash-dataset.ts';
import { measureDataset } from '../src/study/measuring/measure-dataset.ts';
import { loadModel } from '../src/model/load.ts';
import { check, describeMachine, openEngine, raw, result, root, short } from './harness.ts';
import { largest, smallest } from '../src/numerics/extremes.ts';

const IMAGES = short ? 400 : 10_000;
const ROUNDS = short ? 1 : 3;

describeMachine();
const model = await loadModel(join(root, 'models/fashion-mnist'));
const path = join(model.folder, 'test-split/t10k-images-idx3-ubyte.gz');
let passes = 0;
const engine = await openEngine(model, {
  events: { onBatch: (rows) => (passes += rows), onRestart: () => undefined },
});
const seconds: number[] = [];
const gated: number[] = [];
const passRates: { readonly calibrating: number; readonly serving: number }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  passes = 0;
  const began = performance.now();
  const opened = await openDataset(path, model, { maxPixels: 1e6, split: undefined, labels: undefined });
  const some = { ...opened, images: opened.images.slice(0, IMAGES) };
  const hashed = await hashDataset(some, { labels: model.manifest.labels, fewest: 0 });
  const { gate, problems } = await calibrate(engine, model, hashed, {
    signal: 'sensitivity',
    goal: { method: 'coverage', coverage: 0.85, confidence: 0.95 },
    calm: 1,
    unfamiliar: 0,
    salt: 'bench',
    cache: null,
    onProgress: () => () => undefined,
    created: '2026-01-01T00:00:00Z',
    tool: 'bench',
  });
  seconds.push((performance.now() - began) / 1000);
  const calibrating = passes / seconds.at(-1)!;
  check(gate !== null, 'there is a gate');
  const { fit, certification } = gate.calibration;
  const counted = fit.images + certification.images;
  check(counted + problems.length === IMAGES && problems.length < IMAGES / 100, 'every image is in it');

  passes = 0;
  const start = performance.now();
  const served = await measureDataset(engine, model, hashed.images, {
    plan: gate.measurement,
    threshold: gate.threshold,
  });
  gated.push((1000 * hashed.images.length) / (performance.now() - start));
  passRates.push({ calibrating, serving: (passes / hashed.images.length) * gated.at(-1)! });
  const automatic = served.images.filter(({ estimate }) => estimate.verdict === 'below').length;
  check(Math.abs(automatic / hashed.images.length - 0.85) < 0.05, `${automatic} images are below`);
}
engine.close();
raw('seconds', seconds);
raw('gated images/s', gated);
const best = smallest(seconds);
result('calibration', {
  images: IMAGES,
  seconds: best,
  images_per_s: IMAGES / best,
  gated_images_per_s: largest(gated),
  share: IMAGES / best / largest(gated),
  passes_per_s: largest(passRates.map((rates) => rates.calibrating)),
  gated_passes_per_s: largest(passRates.map((rates) => rates.serving)),
});
