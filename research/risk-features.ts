/**
 * What could `risk` be made of? Regressions on several sets of features, from the fit half of the calibration
 * images, are held against max-softmax on the certification half, as the images are and under the six shifts.
 * Test images have no part in it.
 *
 *     node research/risk-features.ts <IDX training images> [--model <folder>] [--short]
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDataset } from '../src/dataset/open.ts';
import { shiftDataset, SHIFT_NAMES } from '../src/dataset/shifts.ts';
import { splitByHash } from '../src/dataset/split.ts';
import type { MeasuredInput } from '../src/gate/signals/measured-input.ts';
import { riskFeatures, riskOf } from '../src/gate/signals/risk-model.ts';
import { fitRisk } from '../src/study/calibration/fit-risk.ts';
import { loadModel } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { fitLogistic, type Logistic, predictLogistic } from '../src/numerics/regression/logistic.ts';
import { rankByScore } from '../src/numerics/ranking/ranking.ts';
import { rankingMetrics } from '../src/numerics/ranking/ranking-metrics.ts';
import { softmax } from '../src/numerics/jacobian/softmax.ts';
import {
  copiesOf,
  defaultFamily,
  type Transform,
  TRANSFORM_NAMES,
  writeTransformed,
} from '../src/numerics/jacobian/transforms.ts';
import { hashDataset, type HashedImage } from '../src/study/measuring/hash-dataset.ts';
import { largest } from '../src/numerics/extremes.ts';
import { shortPlan, TRIAL_PROCEDURE } from '../src/study/calibration/learn-plan.ts';
import { measureDataset } from '../src/study/measuring/measure-dataset.ts';
import { check, describeMachine, openEngine, result, root, short, threads } from '../bench/harness.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: { type: 'string' }, short: { type: 'boolean' } },
});
const [data] = positionals;
if (data === undefined) throw new Error('expected the IDX file of the training images');
const CLEAN = short ? 300 : 4000;
const SHIFTED = short ? 100 : 1000;

const model = await loadModel(options.model ?? join(root, 'models/fashion-mnist'));
const [, ...sizes] = model.manifest.input.shape;
const family = defaultFamily(model.manifest.mirror_keeps_label);
/** Beyond the family: twice its steps, and contrast. */
const doubled: readonly Transform[] = family
  .filter(({ name }) => name !== 'mirror' && name !== 'blur')
  .map(({ name, step }) => ({ name, step: 2 * step }));
const CONTRASTS = [0.6, 0.8, 1.25, 1.6];

interface Image {
  readonly wrong: boolean;
  readonly input: MeasuredInput;
  readonly features: Readonly<Record<string, number>>;
}

const engine = await openEngine(model);
const session = await InferenceSession.create(model.onnx, {
  intraOpNumThreads: threads,
  logSeverityLevel: 3,
});
const preprocess = createPreprocess(model.manifest);

/**
 * Logits of the input itself, the copies of the family, those of twice the step, and those of other contrast;
 * class by class.
 */
async function answersOf(image: HashedImage): Promise<readonly Float64Array[]> {
  const { values, unitsPerIntensity } = preprocess((await image.read()).pixels);
  const rows: Float32Array[] = [values];
  for (const transform of [...family, ...doubled]) {
    for (const sign of copiesOf(transform) === 2 ? ([1, -1] as const) : ([1] as const)) {
      const row = new Float32Array(model.dimension);
      writeTransformed({ values, unitsPerIntensity }, model.shape, transform, sign, row);
      rows.push(row);
    }
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const factor of CONTRASTS) rows.push(values.map((value) => mean + factor * (value - mean)));
  const batch = new Float32Array(rows.length * model.dimension);
  rows.forEach((row, i) => {
    batch.set(row, i * model.dimension);
  });
  const fed = { [model.manifest.input.name]: new Tensor('float32', batch, [rows.length, ...sizes]) };
  const logits = (await session.run(fed, [model.output.name]))[model.output.name]!.data as Float32Array;
  return rows.map((_, i) => Float64Array.from(logits.subarray(i * model.classes, (i + 1) * model.classes)));
}

const logOdds = (p: number): number => Math.log(p + 1e-12) - Math.log(1 - p + 1e-12);
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const dataset = await openDataset(data, model, {
  maxPixels: 1e7,
  split: `${join(model.folder, 'splits.json')}:calibration`,
  labels: undefined,
});
const hashed = await hashDataset(dataset, { labels: model.manifest.labels, fewest: 0 });
const halves = splitByHash(hashed.images, 'sensigate calibrate');
const [trial] = (await measureDataset(engine, model, halves.fit.slice(0, 1), TRIAL_PROCEDURE)).images;
check(trial !== undefined, 'the first image can be measured');
const procedure = { plan: shortPlan(trial.estimate, { transforms: family, copies: null }), threshold: null };

/** Every feature that any set below asks for. */
async function imagesOf(images: readonly HashedImage[]): Promise<readonly Image[]> {
  const byHash = new Map(images.map((image) => [image.hash, image]));
  const measured = await measureDataset(engine, model, images, procedure);
  const found: Image[] = [];
  for (const { hash, label, estimate } of measured.images) {
    const { predicted } = estimate;
    const answers = await answersOf(byHash.get(hash)!);
    const p = answers.map((logits) => softmax(logits, 0, model.classes));
    const firstDoubled = 1 + family.reduce((sum, one) => sum + copiesOf(one), 0);
    const firstContrast = p.length - CONTRASTS.length;
    const pooled = Float64Array.from({ length: model.classes }, (_, c) =>
      meanOf(answers.slice(0, firstDoubled).map((logits) => logits[c]!)),
    );
    const own = answers[0]!;
    const centre = meanOf([...own]);
    found.push({
      wrong: predicted !== label,
      input: estimate,
      features: {
        ...riskFeatures(estimate)!,
        ...Object.fromEntries(p.slice(1).map((one, i) => [`copy_${i}`, one[predicted]!])),
        doubled: meanOf(p.slice(firstDoubled, firstContrast).map((one) => one[predicted]!)),
        contrast: meanOf(p.slice(firstContrast).map((one) => one[predicted]!)),
        pooled_logits: logOdds(softmax(pooled, 0, model.classes)[predicted]!),
        pooled_probabilities: logOdds(meanOf(p.slice(0, firstDoubled).map((one) => one[predicted]!))),
        largest_logit: largest(own),
        logit_norm: Math.log(Math.sqrt(own.reduce((sum, value) => sum + (value - centre) ** 2, 0))),
        ...Object.fromEntries(
          model.manifest.labels.slice(1).map((_, i) => [`class_${i + 1}`, Number(predicted === i + 1)]),
        ),
      },
    });
  }
  return found;
}

const CONFIDENCE = ['log_odds', 'confidence'];
const NORMS = ['log_sensitivity_of_probabilities', 'log_sensitivity_of_label', 'transform_sensitivity'];
const AGREEMENTS = TRANSFORM_NAMES.filter((name) => family.some((one) => one.name === name)).map(
  (name) => `agreement_${name}`,
);
const COPIES = Array.from(
  { length: [...family, ...doubled].reduce((sum, one) => sum + copiesOf(one), CONTRASTS.length) },
  (_, i) => `copy_${i}`,
);
const CLASSES = model.manifest.labels.slice(1).map((_, i) => `class_${i + 1}`);
/** All with a ridge of 1. */
const SETS: Readonly<Record<string, readonly string[]>> = {
  'the features of risk': [...CONFIDENCE, ...NORMS, ...AGREEMENTS],
  'confidence and agreements': [...CONFIDENCE, ...AGREEMENTS],
  'agreements alone': AGREEMENTS,
  'logits pooled over copies': ['pooled_logits'],
  'probabilities pooled over copies': ['pooled_probabilities'],
  'confidence and both pools': [...CONFIDENCE, 'pooled_logits', 'pooled_probabilities'],
  'those, twice the steps, contrast': [...CONFIDENCE, ...NORMS, ...AGREEMENTS, 'doubled', 'contrast'],
  'those, largest logit, logit norm': [...CONFIDENCE, ...NORMS, ...AGREEMENTS, 'largest_logit', 'logit_norm'],
  'those, predicted class': [...CONFIDENCE, ...NORMS, ...AGREEMENTS, ...CLASSES],
  'each copy by itself': [...CONFIDENCE, ...NORMS, ...COPIES],
  everything: [
    ...CONFIDENCE,
    ...NORMS,
    ...AGREEMENTS,
    ...COPIES,
    ...CLASSES,
    'doubled',
    'contrast',
    'pooled_logits',
    'pooled_probabilities',
    'largest_logit',
    'logit_norm',
  ],
};

function fit(images: readonly Image[], names: readonly string[]): Logistic {
  const features = Float64Array.from(images.flatMap((image) => names.map((name) => image.features[name]!)));
  return fitLogistic({ features, labels: images.map(({ wrong }) => wrong) }, 1);
}

function scoresBy(
  regression: Logistic,
  names: readonly string[],
  images: readonly Image[],
): readonly number[] {
  return images.map(({ features }) =>
    predictLogistic(
      regression,
      names.map((name) => features[name]!),
    ),
  );
}

function aurc(scores: readonly number[], images: readonly Image[]): number {
  return rankingMetrics(
    rankByScore(
      Float64Array.from(scores),
      images.map(({ wrong }) => wrong),
    ),
  ).aurc;
}

describeMachine();
const shiftedOf = async (images: readonly HashedImage[]): Promise<ReadonlyMap<string, readonly Image[]>> => {
  const all = new Map<string, readonly Image[]>();
  for (const shift of SHIFT_NAMES) {
    const shiftedData = shiftDataset(
      { name: shift, problems: [], images: images.slice(0, SHIFTED) },
      model.shape,
      shift,
    );
    const readable = await hashDataset(shiftedData, { labels: model.manifest.labels, fewest: 0 });
    all.set(shift, await imagesOf(readable.images));
    console.log(`  measured: ${shift}`);
  }
  return all;
};
const taught = await imagesOf(halves.fit.slice(0, CLEAN));
const clean = await imagesOf(halves.certification.slice(0, CLEAN));
const taughtShifted = await shiftedOf(halves.fit);
const shifted = await shiftedOf(halves.certification);
engine.close();
await session.release();
check(taught.some(({ wrong }) => wrong) && clean.some(({ wrong }) => wrong), 'some answers are wrong');

/** AURC ×1000 as images are, under each shift, and under all of them together. */
function report(
  by: string,
  scoreOf: (images: readonly Image[], shift: string | null) => readonly number[],
): void {
  const scores = new Map([...shifted].map(([shift, images]) => [shift, scoreOf(images, shift)]));
  result('risk-features', {
    by: by.replaceAll(' ', '_'),
    clean: 1000 * aurc(scoreOf(clean, null), clean),
    ...Object.fromEntries(
      [...shifted].map(([shift, images]) => [shift, 1000 * aurc(scores.get(shift)!, images)]),
    ),
    together: 1000 * aurc([...scores.values()].flat(), [...shifted.values()].flat()),
  });
}

report('max-softmax', (images) => images.map(({ features }) => -features['confidence']!));
const risk = fitRisk(
  taught.map(({ input }) => input),
  taught.map(({ wrong }) => wrong),
);
report('risk, its ridge chosen', (images) => images.map(({ input }) => riskOf(risk, input)));
for (const [name, features] of Object.entries(SETS)) {
  const regression = fit(taught, features);
  report(name, (images) => scoresBy(regression, features, images));
}
// Taught by the other five shifts as well, for a shift that nobody foresaw.
for (const name of ['the features of risk', 'everything']) {
  const features = SETS[name]!;
  const without = (left: string | null): Logistic =>
    fit(
      [...taught, ...[...taughtShifted].flatMap(([shift, images]) => (shift === left ? [] : images))],
      features,
    );
  report(`${name}; other shifts in the fit`, (images, shift) => scoresBy(without(shift), features, images));
}
