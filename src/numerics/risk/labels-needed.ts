import { acceptableErrors, binomialTail, type RiskTarget, zeroErrorMinimum } from './clopper-pearson.ts';
import { meanOverCount } from './random-count.ts';
import { acceptedAt, accepts, type LabelledImage } from './selective-risk.ts';
import { fitThresholds } from './threshold-sequence.ts';

/** How often the test is to succeed with as many labels as are said to be needed. */
const POWER = 0.8;

/** Thresholds at which the fewest labels are sought, at most, evenly over the scores. */
const THRESHOLDS = 50;

/** More labels than this nobody gives. */
const MOST = 1e8;

/** What is taken for true of the images to come. */
export interface Selectivity {
  /** Share that is accepted, in (0, 1]. */
  readonly coverage: number;
  /** Error rate among them. */
  readonly risk: number;
}

/**
 * About how many images must be labelled, accepted or not, for a threshold of this selectivity to prove
 * `target` four times in five.
 *
 * @returns Infinity where the error rate is not below the risk, or not by enough for a hundred million labels
 *   to tell.
 */
export function labelsNeededFor({ coverage, risk }: Selectivity, target: RiskTarget): number {
  return fewestBelow(MOST, { coverage, risk }, target);
}

/**
 * About how many labelled images a certificate needs in all, where images like `known` are to come, at the
 * threshold where that is fewest. Without a guarantee.
 *
 * Thresholds that accept too few to prove anything are left out, because there almost any score looks
 * faultless. Of fewer images than that in all, no more is said than how many it takes without an error.
 *
 * @returns Infinity where the error rate is too high at every threshold.
 */
export function labelsNeeded(known: readonly LabelledImage[], target: RiskTarget): number {
  const minimum = zeroErrorMinimum(target);
  const eligible = known.filter((image) => accepts(Infinity, image)).length;
  if (eligible === 0) return Infinity;
  if (eligible < minimum) return Math.ceil((minimum * known.length) / eligible);
  const thresholds = fitThresholds(known);
  const stride = Math.ceil(thresholds.length / THRESHOLDS);
  const accepted = acceptedAt(known, thresholds);
  let needed = Infinity;
  for (let i = thresholds.length - 1; i >= 0; i -= stride) {
    const { accepted: count, errors } = accepted[i]!;
    if (count < minimum) break;
    // With half an error more than there were: none among a few does not mean that there will be none.
    const selectivity = { coverage: count / known.length, risk: (errors + 0.5) / count };
    needed = Math.min(needed, fewestBelow(Math.min(needed, MOST), selectivity, target));
  }
  return needed;
}

/** The fewest labels, up to 0.1% more, that suffice; Infinity where `most` do not. */
function fewestBelow(most: number, { coverage, risk }: Selectivity, target: RiskTarget): number {
  if (!(risk < target.risk)) return Infinity;
  const suffice = (images: number): boolean => {
    const deviation = Math.sqrt(images * coverage * (1 - coverage));
    const chance = meanOverCount(images, images * coverage, deviation, (count) => {
      const errors = acceptableErrors(count, target);
      return errors < 0 ? 0 : binomialTail(errors, count, risk);
    });
    return chance >= POWER;
  };
  if (!suffice(most)) return Infinity;
  // What suffices is not quite monotone, because errors are whole; any step of this saw is an answer.
  let few = zeroErrorMinimum(target) - 1;
  let enough = most;
  while (enough - few > Math.max(1, few / 1000)) {
    // In ratio first, since `most` may be far.
    const middle = Math.max(few + 1, Math.floor(enough > 4 * few ? 2 * few : (few + enough) / 2));
    if (suffice(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}
