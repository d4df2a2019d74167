/** Lag-one autocorrelation of the latest numbers in [0, 1], older ones fading. */
export interface Autocorrelation {
  observe(value: number): void;
  /** −1 to 1; 0 before there are enough. */
  readonly value: number;
  /** How many were seen. */
  readonly count: number;
}

/** Numbers after which an old one counts 1/e. */
const MEMORY = 1000;
/** Fewer say nothing: √(1/200) is a deviation of 7%. */
const LEAST = 200;

/**
 * Estimates whether each number is like the one before it: of independent ones it is near 0 with a deviation
 * of √(1/1000), and of frames of a film near 1.
 *
 * Exponential moments: half the mean square of differences, over the variance, is 1 − ρ (von Neumann 1941,
 * Ann. Math. Stat. 12(4)).
 */
export function createAutocorrelation(): Autocorrelation {
  let [count, weight, sum, squares, steps, stepWeight] = [0, 0, 0, 0, 0, 0];
  let last = NaN;
  const keep = 1 - 1 / MEMORY;
  return {
    observe: (value) => {
      if (count > 0) {
        stepWeight = stepWeight * keep + 1;
        steps = steps * keep + (value - last) ** 2;
      }
      weight = weight * keep + 1;
      sum = sum * keep + value;
      squares = squares * keep + value * value;
      last = value;
      count++;
    },
    get value() {
      if (count < LEAST) return 0;
      const variance = squares / weight - (sum / weight) ** 2;
      if (variance <= 1e-12) return 1;
      return Math.max(-1, Math.min(1, 1 - steps / stepWeight / (2 * variance)));
    },
    get count() {
      return count;
    },
  };
}
