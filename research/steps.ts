/**
 * Which step suits a network with kinks, and what do central differences buy? ‖J v‖ by differences against
 * the same ‖J v‖ by the gradient graph, along random directions and along the steepest one, at several steps;
 * and the passes an image that a gate then takes whose calibration and decisions use that random step. For
 * the shipped models (smooth; MNIST's is so certain that it feels rounding first), and for a ResNet-8 and
 * MobileNetV2 (ReLU, ReLU6), where they are at hand.
 *
 *     node research/steps.ts [--short]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDecode } from '../src/model/decode.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { openGradients } from '../src/model/gradients.ts';
import { openSession } from '../src/model/session.ts';
import { uniformDirection } from '../src/numerics/jacobian/directions.ts';
import type { Classifier, PullBack } from '../src/numerics/jacobian/classifier.ts';
import type { Input } from '../src/numerics/jacobian/probes.ts';
import { createUniform } from '../src/numerics/random.ts';
import { softmax, softmaxJacobianNorm } from '../src/numerics/jacobian/softmax.ts';
import { byLogit } from '../src/numerics/jacobian/steepest.ts';
import { type Answered, byDifferences, type Difference, gradientAt, steepestAt } from './slopes.ts';
import { procedureFor, measureAll } from '../bench/procedure.ts';
import {
  check,
  describeMachine,
  median,
  mobileNet,
  openEngine,
  photographs,
  quantile,
  resNet8,
  result,
  root,
  short,
  threads,
} from '../bench/harness.ts';
import { largest } from '../src/numerics/extremes.ts';

const IMAGES = short ? 3 : 20;
const RANDOM = short ? 2 : 8;
/**
 * RMS a coordinate along a random direction; the whole displacement along the steepest. Both in pixel
 * intensity.
 */
const RANDOM_STEPS = [1e-5, 1e-4, 1e-3];
const STEEPEST_STEPS = [1e-4, 1e-3, 1e-2];
const DIFFERENCES: readonly Difference[] = ['forward', 'central'];
const COVERAGE = 0.95;
/** Rows of S(p) are kept until they have this share of ‖S(p)‖²; on 1,000 classes most say nothing. */
const KEPT = 0.9999;

/** One input and what its gradients say of it. */
interface Point extends Answered {
  /** Rows of J_p by pixel intensity, those that count. */
  readonly jacobian: readonly Float32Array[];
  readonly random: readonly Float32Array[];
  readonly steepest: Float32Array;
}

async function pointAt(input: Input, seed: number, classify: Classifier, pullBack: PullBack): Promise<Point> {
  const { values } = input;
  const base = Float32Array.from(await classify(values, 1));
  const p = softmax(base);
  const jacobian: Float32Array[] = [];
  const wanted = KEPT * softmaxJacobianNorm(p) ** 2;
  let squares = 0;
  for (const c of byLogit(base)) {
    if (squares >= wanted) break;
    const row = Float32Array.from(p, (pk, k) => p[c]! * ((k === c ? 1 : 0) - pk));
    squares += row.reduce((sum, value) => sum + value * value, 0);
    jacobian.push(await gradientAt(input, row, pullBack));
  }
  const uniform = createUniform(Uint32Array.of(seed + 1, 5, 6, 7));
  const random = Array.from({ length: RANDOM }, () => {
    const direction = new Float32Array(values.length);
    uniformDirection(direction, uniform);
    return direction;
  });
  const steepest = await steepestAt({ input, base, p }, pullBack);
  return { input, base, p, jacobian, random, steepest };
}

/** √Σ‖J v‖² over `directions` by gradients. */
function byGradients({ jacobian }: Point, directions: readonly Float32Array[]): number {
  let squares = 0;
  for (const direction of directions) {
    for (const row of jacobian) {
      let along = 0;
      for (let i = 0; i < row.length; i++) along += row[i]! * direction[i]!;
      squares += along * along;
    }
  }
  return Math.sqrt(squares);
}

async function compareSteps(model: Model, images: readonly Uint8Array[]): Promise<void> {
  const session = await openSession(model, { threads });
  const gradients = await openGradients(model, { threads, ceilings: 'kept' });
  check(gradients.pullBack !== null, `${model.manifest.name} has no gradients`);
  const preprocess = createPreprocess(model.manifest);
  const points: Point[] = [];
  for (const [i, pixels] of images.entries())
    points.push(await pointAt(preprocess(pixels), i, session.classify, gradients.pullBack));
  for (const along of ['random', 'steepest'] as const) {
    for (const step of along === 'random' ? RANDOM_STEPS : STEEPEST_STEPS) {
      for (const difference of DIFFERENCES) {
        const ratios: number[] = [];
        for (const point of points) {
          const directions = along === 'random' ? point.random : [point.steepest];
          const found = await byDifferences(point, directions, step, difference, session.classify);
          ratios.push(found / byGradients(point, directions));
        }
        // Whatever kinks and rounding do, a step of the service's size must find the gradient of most images.
        if (step === 1e-4 || (along === 'steepest' && step === 1e-3))
          check(Math.abs(median(ratios) - 1) < 0.1, `${along}, ${step}: a median ratio of ${median(ratios)}`);
        result('steps', {
          model: model.manifest.name,
          along,
          step,
          difference,
          ratio_p05: quantile(ratios, 0.05),
          ratio_median: median(ratios),
          ratio_p95: quantile(ratios, 0.95),
          ratio_largest: largest(ratios),
          error_median: median(ratios.map((ratio) => Math.abs(ratio - 1))),
          images: ratios.length,
        });
      }
    }
  }
  await gradients.release();
  await session.release();
}

/** Passes an image of a gate that is calibrated and decides with this random step. */
async function comparePasses(model: Model, images: readonly Uint8Array[]): Promise<void> {
  for (const step of [1e-4, 1e-3]) {
    for (const difference of DIFFERENCES) {
      const engine = await openEngine(model);
      const procedure = await procedureFor(engine, model, images, COVERAGE, { step, difference });
      const measured = await measureAll(engine, model, images, procedure);
      engine.close();
      result('steps', {
        model: model.manifest.name,
        step,
        difference,
        mean_passes: measured.reduce((sum, { passes }) => sum + passes, 0) / measured.length,
        undecided: measured.filter(({ verdict }) => verdict === 'undecided').length / measured.length,
        images: measured.length,
        coverage: COVERAGE,
      });
    }
  }
}

async function pixelsOf(model: Model, files: readonly Buffer[]): Promise<Uint8Array[]> {
  const decode = createDecode(model.manifest, 50_000_000);
  return Promise.all(files.map(async (bytes) => (await decode(bytes)).pixels));
}

/** Samples of a shipped model, an equal number of each label. */
async function samples(model: Model): Promise<Uint8Array[]> {
  const folder = join(model.folder, 'samples');
  const each = await Promise.all(
    (await readdir(folder)).sort().map(async (label) => {
      const files = (await readdir(join(folder, label))).sort().slice(0, Math.ceil(IMAGES / 10));
      return Promise.all(files.map((file) => readFile(join(folder, label, file))));
    }),
  );
  return pixelsOf(model, each.flat().slice(0, IMAGES));
}

describeMachine();
for (const name of ['fashion-mnist', 'mnist']) {
  const model = await loadModel(join(root, 'models', name));
  await compareSteps(model, await samples(model));
}
// The largest takes minutes.
for (const model of [await resNet8(), short ? null : await mobileNet()]) {
  if (model === null) {
    console.log('left out: a network with kinks that is not beside this checkout or not for the short form');
    continue;
  }
  const pixels = await pixelsOf(model, await photographs());
  await compareSteps(model, pixels.slice(0, IMAGES));
  if (!short) await comparePasses(model, pixels);
}
