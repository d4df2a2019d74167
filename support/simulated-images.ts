import type { Uniform } from '../src/numerics/random.ts';
import type { LabelledImage } from '../src/numerics/risk/selective-risk.ts';

/** A source of labelled images whose selective risk is known at every threshold. */
export interface Source {
  readonly draw: (count: number, uniform: Uniform) => LabelledImage[];
  /** r(t): the error rate among the images that a gate at t accepts. */
  readonly risk: (threshold: number) => number;
}

/**
 * Scores uniform on (0, 1), and images wrong with probability e(k + 1)sᵏ at score s, so that e of all are
 * wrong and r(t) = e·tᵏ. k is 0 for a score that knows nothing; 7.5 is about that of a good classifier's
 * confidence.
 */
export function powerSource(errorRate: number, k: number): Source {
  return {
    draw: (count, uniform) =>
      Array.from({ length: count }, () => {
        const score = uniform();
        return { score, eligible: true, wrong: uniform() < errorRate * (k + 1) * score ** k };
      }),
    risk: (threshold) => errorRate * Math.min(1, threshold) ** k,
  };
}

/** The same with scores rounded up to `levels` values, as a count of agreeing copies has. */
export function tiedSource(errorRate: number, k: number, levels: number): Source {
  const { draw, risk } = powerSource(errorRate, k);
  return {
    draw: (count, uniform) =>
      draw(count, uniform).map((image) => ({ ...image, score: Math.ceil(image.score * levels) / levels })),
    risk: (threshold) => risk(Math.floor(threshold * levels + 1e-9) / levels),
  };
}
