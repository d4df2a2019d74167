import type { CopyPlan, CopyName } from '../../numerics/jacobian/copies.ts';
import { binomialTail } from '../../numerics/risk/clopper-pearson.ts';
import { type Goal, type ScoredImage, valueOf } from './choose-rule.ts';

/** A fit image's confidence, and its mean over the copies in question, turned so that more is worse. */
export interface CopiedImage extends ScoredImage {
  readonly confidence: number;
}

/** Further passes an image that copies may cost on average. */
const BUDGET = 0.2;
/** Shares of the budget that are tried, the least first. */
const WIDTHS = [0.25, 0.5, 1];
/** Places of the band that are tried, evenly over the images. */
const PLACES = 50;
/** Share of δ at which what is automatic without a further pass must pass the test. */
const SAFE = 0.01;
/** A wider band must let so much more through: less is chance. */
const LEAST_GAIN = 0.001;

/**
 * Between which confidences copies are asked: what lies above is automatic by its own answer, what lies below
 * is a person's, and neither costs a further pass.
 *
 * Of the bands that cost at most a fifth of a pass an image the one that lets most images through at the
 * goal, and the narrowest of those that are nearly as good. The fit images choose; what is certified is the
 * whole staged rule.
 *
 * @param images Every fit image, with its copies measured; at least one.
 */
export function chooseCopies(
  images: readonly CopiedImage[],
  names: readonly CopyName[],
  goal: Goal,
): CopyPlan {
  const confidences = images.map(({ confidence }) => confidence).sort((a, b) => b - a);
  const at = (place: number): number =>
    place <= 0 ? 2 : place >= confidences.length ? -1 : confidences[place]!;
  let best: { readonly between: readonly [number, number]; readonly value: number } | null = null;
  for (const width of WIDTHS) {
    const count = Math.max(1, Math.floor((width * BUDGET * images.length) / names.length));
    for (let step = 0; step <= PLACES; step++) {
      const from = Math.round((step / PLACES) * (images.length - count));
      const between = [at(from + count), at(from - 1)] as const;
      if (!(between[0] < between[1])) continue;
      const rule = staged(images, between);
      if (!isSafe(rule, goal) || !rule.some(isOpen)) continue;
      const value = valueOf(rule, -Infinity, goal);
      if (best === null || value > best.value + LEAST_GAIN) best = { between, value };
    }
  }
  return { names, between: best?.between ?? [-1, 2] };
}

/** Whether a threshold decides on the image. */
function isOpen({ admitted, score }: ScoredImage): boolean {
  return admitted && Number.isFinite(score);
}

/**
 * Whether what is automatic without a further pass keeps the promise by far: it is accepted at every
 * threshold, so that nothing can be proven where it is not.
 */
function isSafe(rule: readonly ScoredImage[], goal: Goal): boolean {
  if (goal.method === 'coverage') return true;
  const certain = rule.filter(({ score, admitted }) => admitted && score === -Infinity);
  const errors = certain.filter(({ wrong }) => wrong).length;
  if (certain.length === 0) return true;
  return binomialTail(errors, certain.length, goal.risk) <= SAFE * (1 - goal.confidence);
}

/** The images as a gate scores them that asks copies between these confidences. */
export function staged(
  images: readonly CopiedImage[],
  [least, most]: readonly [number, number],
): readonly ScoredImage[] {
  return images.map((image) => ({
    ...image,
    score: image.confidence >= most ? -Infinity : image.confidence <= least ? Infinity : image.score,
  }));
}
