import { createHash } from 'node:crypto';
import { type Familiarity, familiarityOf, packGroup } from '../../gate/familiarity.ts';
import { classDistance, fitClassGaussian } from '../../numerics/familiarity/gaussian.ts';
import {
  type ImageStatistics,
  STATISTICS,
  STATISTICS_GROUPS,
} from '../../numerics/familiarity/image-statistics.ts';

/** One image of the fit split. */
export interface FitImage {
  readonly statistics: ImageStatistics;
  /** Index of the classifier's label. */
  readonly predicted: number;
  /** SHA-256 of the decoded pixels, hex: it alone says which part the image falls into. */
  readonly hash: string;
}

export interface FamiliarityGoal {
  /** Share of images like calibration's that it may send to people. */
  readonly mostShare: number;
  /** Statistics of pictures made unlike them from the fit images (`changedPictures`). */
  readonly changed: readonly ImageStatistics[];
}

export type FittedFamiliarity =
  | { readonly familiarity: Familiarity; readonly reason: null }
  | {
      readonly familiarity: null;
      /** Why there is none: a sentence. */
      readonly reason: string;
    };

/** Share of the images that teaches the distances; the others give reference and cut. */
const LEARNING = 0.6;
/** Fewer teach too little of what goes together. */
const LEAST_LEARNING = 100;
/**
 * Changed pictures that must lie beyond the cut: a floor that lets half of them pass costs what it costs on
 * images like calibration's and keeps little out.
 */
const LEAST_POWER = 0.5;
/** Of squared distances, and of the spread of their logarithms: copies of one image have none of either. */
const LEAST_DISTANCE = 1e-12;
const LEAST_SCALE = 1e-3;
/** Points of the reference: enough for a quantile to a quarter of a hundredth. */
const REFERENCE_POINTS = 401;

/**
 * Learns what is familiar from the fit split alone: distances from one part of it, reference and cut from
 * the other.
 *
 * Photographs of anything vary so much that pictures torn apart are still among them. So what is learned is
 * kept only if it knows most pictures that were made unlike the fit images, whatever class they are taken
 * for.
 *
 * @throws RangeError unless 0 < mostShare < 1
 */
export function fitFamiliarity(images: readonly FitImage[], goal: FamiliarityGoal): FittedFamiliarity {
  const { mostShare, changed } = goal;
  if (!(mostShare > 0 && mostShare < 1)) {
    throw new RangeError(`expected a share between 0 and 1, got ${mostShare}`);
  }
  const ordered = [...images].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const learning = ordered.slice(0, Math.floor(LEARNING * ordered.length));
  const held = ordered.slice(learning.length);
  const leastHeld = Math.ceil(1 / mostShare) - 1;
  const least = Math.max(LEAST_LEARNING / LEARNING, leastHeld / (1 - LEARNING));
  if (learning.length < LEAST_LEARNING || held.length < leastHeld) {
    return none(
      `a floor on familiarity that sends at most ${percent(mostShare)} of familiar images to people needs ` +
        `${Math.ceil(least)} fit images, got ${images.length}`,
    );
  }
  if (changed.length === 0) return none('there are no changed pictures to see what it keeps out');

  const learned = learn(learning, held);
  const scores = held
    .map(({ statistics, predicted }) => familiarityOf(learned, statistics, predicted).score)
    .sort((a, b) => a - b);
  // Of held.length + 1 places among the held-out scores, mostShare lie beyond.
  const cut = scores[Math.ceil((1 - mostShare) * (held.length + 1)) - 1]!;
  const most = held.length - 1;
  const points = Math.min(REFERENCE_POINTS, held.length);
  const reference = Array.from({ length: points }, (_, i) => scores[Math.round((i * most) / (points - 1))]!);
  const familiarity = { ...learned, cut, reference };
  const power = changed.filter((one) => isFarFromAll(familiarity, one)).length / changed.length;
  if (power < LEAST_POWER) {
    return none(
      `statistics of the pictures know ${percent(power)} of changed ones from the fit images, fewer than ` +
        `${percent(LEAST_POWER)}: a floor would keep little out`,
    );
  }
  return { familiarity: { ...familiarity, power }, reason: null };
}

function none(reason: string): FittedFamiliarity {
  return { familiarity: null, reason };
}

function keyOf({ hash }: FitImage): string {
  return createHash('sha256').update('familiarity').update(hash).digest('hex');
}

/** The distances, and how they are spread over images that taught none of them. */
function learn(learning: readonly FitImage[], held: readonly FitImage[]): Familiarity {
  const predicted = learning.map((image) => image.predicted);
  const filled = STATISTICS_GROUPS.filter((group) => learning[0]!.statistics[group].length > 0);
  let classes: readonly number[] = [];
  const groups = filled.map((group) => {
    const size = STATISTICS[group].length;
    const values = new Float64Array(learning.length * size);
    for (const [i, { statistics }] of learning.entries()) values.set(statistics[group], i * size);
    const gaussian = fitClassGaussian(values, size, predicted);
    classes = gaussian.classes;
    const logs = held.map(({ statistics, predicted: one }) =>
      Math.log(Math.max(LEAST_DISTANCE, classDistance(gaussian, statistics[group], one).squared)),
    );
    const location = logs.reduce((sum, one) => sum + one, 0) / logs.length;
    const squares = logs.reduce((sum, one) => sum + (one - location) ** 2, 0);
    return packGroup(group, gaussian, location, Math.max(LEAST_SCALE, Math.sqrt(squares / logs.length)));
  });
  return {
    classes: [...classes],
    groups,
    reference: [0, 0],
    cut: Infinity,
    learned_from: learning.length,
    held_out: held.length,
    power: 0,
  };
}

/** Whether a picture would be unfamiliar whatever label it were given. */
function isFarFromAll(familiarity: Familiarity, statistics: ImageStatistics): boolean {
  // −1 is no label's index: it stands for the rest.
  return [...familiarity.classes, -1].every(
    (one) => !(familiarityOf(familiarity, statistics, one).score <= familiarity.cut),
  );
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}
