import type { LabelledImage } from '../../numerics/risk/selective-risk.ts';

/** A labelled image with all that an evaluation asks of it. */
export interface EvaluatedImage {
  /** For people. Versions of one picture, as it is and shifted, have the same. */
  readonly where: string;
  /** Index among the model's labels: the truth. */
  readonly label: number;
  readonly predicted: number;
  /** By signal; more means more reason for review. All images have the same signals. */
  readonly scores: Readonly<Record<string, number>>;
  /** What the current gate goes by; null without a gate. */
  readonly gate: Omit<LabelledImage, 'wrong'> | null;
}

export function isWrong({ label, predicted }: Pick<EvaluatedImage, 'label' | 'predicted'>): boolean {
  return label !== predicted;
}

/**
 * The scores, with each infinite one lifted above the finite ones by its estimate.
 *
 * Where a budget ends before any threshold is known to lie above, a gate accepts the input at none, and a
 * ranking would tie all of them.
 */
export function breakTiesAtTop(scores: readonly number[], estimates: readonly number[]): readonly number[] {
  const most = scores.reduce((a, b) => (b < Infinity ? Math.max(a, b) : a), 0);
  return scores.map((score, i) => (score < Infinity ? score : most + estimates[i]!));
}
