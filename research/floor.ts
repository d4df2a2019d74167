/**
 * Does the floor on max-softmax matter on a thousand classes? A gate on the sensitivity of MobileNetV2 is
 * calibrated for 80% coverage on half of the photographs beside this checkout, floor included; the other half
 * is decided as it is and under the six shifts, with the floor and without.
 */
import { openDataset } from '../src/dataset/open.ts';
import { shiftDataset, SHIFT_NAMES } from '../src/dataset/shifts.ts';
import { splitByHash } from '../src/dataset/split.ts';
import { chooseRule } from '../src/study/calibration/choose-rule.ts';
import { sensitivityScore } from '../src/gate/rule.ts';
import { hashDataset, type HashedImage } from '../src/study/measuring/hash-dataset.ts';
import { learningProcedure, learnPlan, TRIAL_PROCEDURE } from '../src/study/calibration/learn-plan.ts';
import { measureDataset } from '../src/study/measuring/measure-dataset.ts';
import { loadThirdParty } from '../support/third-party-models.ts';
import { check, describeMachine, openEngine, result, sharedData, short } from '../bench/harness.ts';
import { writePhotographTable } from './photograph-table.ts';

describeMachine();
if (sharedData === null) {
  console.log('left out: the photographs in ../shared/data are not beside this checkout');
  process.exit();
}
const model = await loadThirdParty('mobilenetv2');
const table = await writePhotographTable(sharedData, model.folder);
const data = await openDataset(table, model, { maxPixels: 5e7, split: undefined, labels: undefined });
const options = { labels: model.manifest.labels, fewest: 0 };
const { fit, certification } = splitByHash((await hashDataset(data, options)).images, 'floor');
const others = certification.slice(0, short ? 4 : undefined);

const engine = await openEngine(model);
const scored = async (images: readonly HashedImage[], procedure: Parameters<typeof measureDataset>[3]) =>
  (await measureDataset(engine, model, images, procedure)).images;
const [trial] = await scored(fit.slice(0, 1), TRIAL_PROCEDURE);
check(trial !== undefined, 'the first photograph can be measured');
const taught = await scored(fit, learningProcedure(trial.estimate));
const plan = learnPlan(taught.map(({ estimate }) => estimate));
const imageOf = ({ estimate, label }: (typeof taught)[number]) => ({
  score: sensitivityScore(plan, estimate),
  confidence: estimate.probabilities[estimate.predicted]!,
  wrong: estimate.predicted !== label,
  admitted: true,
});
const goal = { method: 'coverage', coverage: 0.8, confidence: 0.95 } as const;
const ruleWith = chooseRule(taught.map(imageOf), others.length, true, goal);
const ruleWithout = chooseRule(taught.map(imageOf), others.length, false, goal);
check(ruleWith.floor !== null && ruleWithout.floor === null, 'one rule has a floor');
for (const shift of [null, ...(short ? SHIFT_NAMES.slice(0, 1) : SHIFT_NAMES)]) {
  const asked = { name: 'the other half', problems: [], images: others };
  const { images } = await hashDataset(
    shift === null ? asked : shiftDataset(asked, model.shape, shift),
    options,
  );
  const decided = (await scored(images, { plan, threshold: null })).map(imageOf);
  const automatic = ({ floor, thresholds }: typeof ruleWith) =>
    decided.filter(({ score, confidence }) => score <= thresholds[0]! && confidence >= (floor ?? 0));
  const [bounded, unbounded] = [automatic(ruleWith), automatic(ruleWithout)];
  result('floor', {
    images: shift ?? 'as-they-are',
    of_them: decided.length,
    floor: ruleWith.floor,
    threshold: ruleWith.thresholds[0]!,
    automatic: bounded.length,
    wrong: bounded.filter(({ wrong }) => wrong).length,
    threshold_without: ruleWithout.thresholds[0]!,
    automatic_without: unbounded.length,
    wrong_without: unbounded.filter(({ wrong }) => wrong).length,
  });
}
engine.close();
