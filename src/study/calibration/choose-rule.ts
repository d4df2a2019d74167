/**
 * From labelled scores to a gate's rule, in two steps that see different images.
 *
 * The fit images choose all that is chosen: the floor, and which thresholds are to be tried. The
 * certification images only prove.
 */
import { coverageRiskBound, controlRisk, type RiskControl } from '../../numerics/risk/risk-control.ts';
import type { LabelledImage } from '../../numerics/risk/selective-risk.ts';
import { thresholdSequence } from '../../numerics/risk/threshold-sequence.ts';

/** One labelled image, measured. */
export interface ScoredImage {
  /** More means more reason for review. */
  readonly score: number;
  /** max-softmax */
  readonly confidence: number;
  readonly wrong: boolean;
  /** Whether it is familiar, and its sensitivity within the gate's limit. */
  readonly admitted: boolean;
}

/** What a gate is calibrated for. */
export type Goal =
  | { readonly method: 'fixed_sequence'; readonly risk: number; readonly confidence: number }
  | { readonly method: 'coverage'; readonly coverage: number; readonly confidence: number };

/** What the fit images have chosen. */
export interface Choice {
  /** Least confidence of an automatic label; null for a signal without the blind spot that asks for one. */
  readonly floor: number | null;
  /** Scores, ascending: the first and the last are all that certification images must be decided between. */
  readonly thresholds: Float64Array;
}

export type CalibrationOutcome =
  RiskControl | { readonly outcome: 'covered'; readonly proven: ReturnType<typeof coverageRiskBound> };

/** Shares of the fit images that a floor may send to review. */
const FLOOR_SHARES = Array.from({ length: 21 }, (_, i) => i / 100);
/** A floor must let so much more through at the same risk than none at all does: less is chance. */
const LEAST_GAIN = 0.005;

/**
 * Chooses on the fit images.
 *
 * @param certificationImages How many there will be. Nothing else of them may be known here.
 * @throws RangeError without a fit image
 */
export function chooseRule(
  fit: readonly ScoredImage[],
  certificationImages: number,
  withFloor: boolean,
  goal: Goal,
): Choice {
  if (fit.length === 0) throw new RangeError('expected at least one fit image');
  const floor = withFloor ? chooseFloor(fit, goal) : null;
  const labelled = eligible(fit, floor);
  if (goal.method === 'coverage') {
    return { floor, thresholds: Float64Array.of(thresholdAtCoverage(labelled, goal.coverage)) };
  }
  const target = { risk: goal.risk, delta: 1 - goal.confidence };
  return { floor, thresholds: thresholdSequence(labelled, certificationImages, target) };
}

/** Proves on the certification images what the chosen thresholds keep. */
export function proveRule(
  fit: readonly ScoredImage[],
  certification: readonly ScoredImage[],
  { floor, thresholds }: Choice,
  goal: Goal,
): CalibrationOutcome {
  const delta = 1 - goal.confidence;
  const images = eligible(certification, floor);
  if (goal.method === 'coverage') {
    return { outcome: 'covered', proven: coverageRiskBound(images, thresholds[0]!, delta) };
  }
  return controlRisk(eligible(fit, floor), images, { risk: goal.risk, delta });
}

export function eligible(images: readonly ScoredImage[], floor: number | null): readonly LabelledImage[] {
  return images.map(({ score, confidence, wrong, admitted }) => ({
    score,
    wrong,
    eligible: admitted && (floor === null || confidence >= floor),
  }));
}

/**
 * The floor on max-softmax that lets most images through at the goal.
 *
 * ‖J_p‖ is small again for flat answers over many classes, which a threshold alone would accept. Nothing less
 * confident than every fit image is accepted in any case: calibration says nothing about it.
 */
export function chooseFloor(fit: readonly ScoredImage[], goal: Goal): number {
  const confidences = fit.map(({ confidence }) => confidence).sort((a, b) => a - b);
  let best = { floor: confidences[0]!, value: valueOf(fit, confidences[0]!, goal) };
  const withoutFloor = best.value;
  for (const share of FLOOR_SHARES.slice(1)) {
    const floor = confidences[Math.floor(share * confidences.length)]!;
    const value = valueOf(fit, floor, goal);
    if (value > best.value && value >= withoutFloor + LEAST_GAIN) best = { floor, value };
  }
  return best.floor;
}

/** Coverage at the risk that is asked for; at a coverage, the share of right labels among all. */
export function valueOf(fit: readonly ScoredImage[], floor: number, goal: Goal): number {
  const accepted = fit
    .filter(({ confidence, score, admitted }) => admitted && confidence >= floor && score < Infinity)
    .sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : 0));
  const wanted = goal.method === 'coverage' ? Math.ceil(goal.coverage * fit.length) : Infinity;
  const most = Math.min(wanted, accepted.length);
  let errors = 0;
  let covered = 0;
  for (let i = 0; i < most; i++) {
    if (accepted[i]!.wrong) errors++;
    // Equal scores are accepted together.
    if (accepted[i + 1]?.score === accepted[i]!.score) continue;
    if (goal.method === 'fixed_sequence' && errors <= goal.risk * (i + 1)) covered = i + 1;
  }
  return (goal.method === 'coverage' ? most - errors : covered) / fit.length;
}

/** The least score that accepts the share of all images, or as much more as equal scores bring with them. */
function thresholdAtCoverage(images: readonly LabelledImage[], coverage: number): number {
  const scores = images
    .filter((image) => image.eligible && image.score < Infinity)
    .map(({ score }) => score)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const last = scores[Math.min(scores.length, Math.ceil(coverage * images.length)) - 1];
  // What a staged rule's first answer decides has no threshold of its own.
  const threshold = last === -Infinity ? scores.find((score) => score > last) : last;
  if (threshold === undefined) throw new RangeError('expected an image that may be labelled automatically');
  return threshold;
}
