import { binomialTail, requireTarget, type RiskTarget, upperBound } from './clopper-pearson.ts';
import { labelsNeeded } from './labels-needed.ts';
import { type Accepted, acceptedAt, accepts, type LabelledImage } from './selective-risk.ts';
import { thresholdSequence } from './threshold-sequence.ts';

/**
 * A threshold whose automatic labels are wrong at most as often as promised, by fixed-sequence testing (Learn
 * then Test, Angelopoulos, Bates, Candès, Jordan & Lei 2021, arXiv 2110.01052; its split form, in which other
 * data choose the sequence).
 *
 * Thresholds t_1 < t_2 < … are tested one after the other, each at the whole δ: rejected is "r(t_j) > r*", r
 * the selective risk, if P(Bin(n_j, r*) ≤ e_j) ≤ δ for the e_j errors among the n_j accepted certification
 * images. The first that is not rejected ends the sequence; the last rejected is the answer.
 *
 * Why it holds. Given the fit images the sequence is fixed, floor and all. The certification images are
 * independent draws from what will be served, so that given how many a threshold accepts, the errors among
 * them are Bin(n_j, r(t_j)), however random n_j is, and the test of a true hypothesis rejects with
 * probability at most δ. Let t_k be the first threshold whose risk is too high. A wrong answer is t_k or a
 * later one, for which t_k itself must have been rejected: one event, of probability at most δ. Nothing is
 * asked of the score: r need not rise with t, and equal scores are accepted together.
 *
 * One certificate, one set of certification images. Certifying several scores on the same ones and taking the
 * best, or testing again after a failure with more labels added, can add δ each time: choose the score on the
 * fit images, and share δ between tries.
 */
export type RiskControl = Certified | InsufficientLabels | NoCertifiableThreshold;

/** With probability 1 − δ over the certification images, the selective risk at `threshold` is at most r*. */
export interface Certified extends Proven {
  readonly outcome: 'certified';
  /** Thresholds tested, with the one that ended the sequence. */
  readonly tested: number;
  /**
   * Clopper–Pearson for this threshold alone, at most r*. What is proven is r*: the threshold was selected by
   * these very errors, which makes a lower number too good.
   */
  readonly pointwiseBound: number;
}

/** The error rate seems low enough, and there are too few labels to prove it. */
export interface InsufficientLabels {
  readonly outcome: 'insufficient_labels';
  /** About how many certification images it takes, eligible or not; always more than there were. */
  readonly labelsNeeded: number;
  /** What these labels prove instead. */
  readonly proven: Proven;
}

/** At no threshold is the error rate low enough, as far as fit and certification images tell. */
export interface NoCertifiableThreshold {
  readonly outcome: 'no_certifiable_threshold';
  /** What can be had instead. */
  readonly proven: Proven;
}

/** Up to and including `threshold` the selective risk is at most `risk`, wrong with probability at most δ. */
export interface Proven extends Accepted {
  readonly threshold: number;
  readonly risk: number;
  /** Certification images in all, and the share that is accepted. */
  readonly images: number;
  readonly coverage: number;
}

/**
 * Seeks the highest threshold at which `certification` proves the target.
 *
 * Where there is none, it tells what the first threshold of the sequence proves. That claim costs no further
 * δ: it is made only where the first test failed, hence false only if r(t_1) > B_1 > r*, in which case t_1 is
 * also the first threshold whose risk is too high, and both ways of being wrong are the one event B_1 <
 * r(t_1).
 *
 * @param fit Images that chose anything: the score's weights, the confidence floor, the sequence.
 * @param certification Other images, drawn as those that will be served are.
 * @throws RangeError without an eligible fit image
 */
export function controlRisk(
  fit: readonly LabelledImage[],
  certification: readonly LabelledImage[],
  target: RiskTarget,
): RiskControl {
  const thresholds = thresholdSequence(fit, certification.length, target);
  const certified = certifyThreshold(thresholds, certification, target);
  if (certified !== null) return certified;
  const proven = coverageRiskBound(certification, thresholds[0]!, target.delta);
  const needed = labelsNeeded([...fit, ...certification], target);
  if (needed === Infinity) return { outcome: 'no_certifiable_threshold', proven };
  return {
    outcome: 'insufficient_labels',
    labelsNeeded: Math.max(needed, certification.length + 1),
    proven,
  };
}

/**
 * The last threshold of the sequence that is rejected before the first that is not; null where the first is
 * not.
 *
 * @param thresholds Ascending, chosen without the certification images.
 * @throws RangeError without a threshold
 */
export function certifyThreshold(
  thresholds: Float64Array,
  certification: readonly LabelledImage[],
  target: RiskTarget,
): Certified | null {
  requireTarget(target);
  if (thresholds.length === 0) throw new RangeError('expected at least one threshold');
  const outcomes = acceptedAt(certification, thresholds);
  const { risk, delta } = target;
  const first = outcomes.findIndex(
    ({ accepted, errors }) => !(binomialTail(errors, accepted, risk) <= delta),
  );
  const passed = first === -1 ? outcomes.length : first;
  if (passed === 0) return null;
  const { accepted, errors } = outcomes[passed - 1]!;
  const images = certification.length;
  return {
    outcome: 'certified',
    threshold: thresholds[passed - 1]!,
    risk,
    accepted,
    errors,
    images,
    coverage: accepted / images,
    tested: Math.min(passed + 1, outcomes.length),
    pointwiseBound: upperBound(errors, accepted, delta),
  };
}

/**
 * What `certification` proves of one threshold that was chosen without it, as by the coverage it has among
 * the fit images.
 *
 * @param delta Probability that the selective risk lies above.
 */
export function coverageRiskBound(
  certification: readonly LabelledImage[],
  threshold: number,
  delta: number,
): Proven {
  const taken = certification.filter((image) => accepts(threshold, image));
  const errors = taken.filter(({ wrong }) => wrong).length;
  return {
    threshold,
    risk: upperBound(errors, taken.length, delta),
    accepted: taken.length,
    errors,
    images: certification.length,
    coverage: certification.length === 0 ? 0 : taken.length / certification.length,
  };
}
