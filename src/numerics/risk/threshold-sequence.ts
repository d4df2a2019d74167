import betaCdf from '@stdlib/stats-base-dists-beta-cdf';
import { acceptableErrors, binomialTail, type RiskTarget } from './clopper-pearson.ts';
import { meanOverCount } from './random-count.ts';
import { type Accepted, acceptedAt, accepts, type LabelledImage } from './selective-risk.ts';
import { largest } from '../extremes.ts';

/** Thresholds at which the start of a sequence is sought, at most, evenly over the scores. */
const STARTS = 100;

/** Errors that the prior of an error rate weighs. */
const PRIOR_ERRORS = 0.5;

/** A chance that is not worth a start. */
const HOPELESS = 0.01;

/**
 * The thresholds to be tested, in this order, on certification images that had no part in choosing them.
 *
 * They are the scores of the eligible fit images from a start to an end, each once: between two of them
 * nothing is known to change. A sequence that began at the lowest would end there, since too few are accepted
 * to prove anything even without an error. It begins where the fit images promise the test most chance to
 * succeed; where they promise next to none, as for twice the risk, so that something is proven there.
 *
 * It ends where the fit images, by themselves, no longer pass the same test from the start on, so that
 * whatever is certified both halves prove, each alone, unless it is the start itself. One half proves the
 * risk wherever its errors happen to be few, and the highest such threshold is taken: it is the luckiest one.
 *
 * Over 120 simulated cases, from scores that know nothing to good ones, 43% of the images are certified on
 * average, and the risk is above what was asked in 0.05% of them. Without the end it is 48%, and 1.0%;
 * beginning at the fewest that can prove the risk 35%; with steps of 5% of the images 0.2 points less (`node
 * bench/run.ts threshold-sequence`).
 *
 * @param certificationImages How many there will be, eligible or not. Of them nothing else may be known here.
 * @returns Ascending; empty where no fit image is eligible.
 */
export function thresholdSequence(
  fit: readonly LabelledImage[],
  certificationImages: number,
  target: RiskTarget,
): Float64Array {
  const thresholds = fitThresholds(fit);
  const accepted = acceptedAt(fit, thresholds);
  const stride = Math.max(1, Math.ceil(thresholds.length / STARTS));
  const expected: Expected[] = [];
  for (let i = thresholds.length - 1; i >= 0; i -= stride) {
    expected.push(expectedRate(accepted[i]!, expected.at(-1) ?? null));
  }
  for (let { risk } = target; risk < 1; risk *= 2) {
    const goal = { ...target, risk };
    const chances = expected.map((rate) => chanceToPass(rate, fit.length, certificationImages, goal));
    const best = largest(chances);
    if (best <= HOPELESS) continue;
    const start = thresholds.length - 1 - stride * chances.indexOf(best);
    return thresholds.subarray(start, endOf(accepted, start, goal));
  }
  return thresholds.subarray(-1);
}

/**
 * One beyond the last threshold up to which the fit images pass every test from the start on; the start stays
 * in any case.
 */
function endOf(fit: readonly Accepted[], start: number, { risk, delta }: RiskTarget): number {
  let end = start;
  while (end < fit.length && binomialTail(fit[end]!.errors, fit[end]!.accepted, risk) <= delta) end++;
  return Math.max(end, start + 1);
}

/** The finite scores of the eligible images, ascending, each once. */
export function fitThresholds(images: readonly LabelledImage[]): Float64Array {
  const scores = images.filter((image) => accepts(Infinity, image)).map(({ score }) => score);
  return Float64Array.from(new Set(scores.filter(Number.isFinite))).sort();
}

/** What is expected of the error rate among the accepted: a gamma distribution with this shape and rate. */
interface Expected {
  readonly accepted: number;
  readonly shape: number;
  readonly rate: number;
}

/**
 * What `accepted` and a prior lead to expect. The prior weighs half an error; its mean is what the next wider
 * threshold leads to expect, less in proportion to how many it accepts, as the errors of a useful score thin
 * out.
 */
function expectedRate({ accepted, errors }: Accepted, wider: Expected | null): Expected {
  const shape = errors + PRIOR_ERRORS;
  if (wider === null) return { accepted, shape, rate: accepted };
  const priorMean = ((wider.shape / wider.rate) * accepted) / wider.accepted;
  return { accepted, shape, rate: accepted + PRIOR_ERRORS / priorMean };
}

/** P(few enough errors among as many certification images as will be accepted), both of them random. */
function chanceToPass(
  { accepted, shape, rate }: Expected,
  fitImages: number,
  images: number,
  target: RiskTarget,
): number {
  const coverage = accepted / fitImages;
  const deviation = Math.sqrt(images * coverage * (1 - coverage) * (1 + images / fitImages));
  return meanOverCount(images, images * coverage, deviation, (count) =>
    negativeBinomialTail(acceptableErrors(count, target), shape, count / (rate + count)),
  );
}

/**
 * P(a Poisson count is at most `most`) where its mean follows a gamma distribution: I_{1−p}(shape, most + 1).
 */
function negativeBinomialTail(most: number, shape: number, p: number): number {
  return most < 0 ? 0 : betaCdf(1 - p, shape, most + 1);
}
