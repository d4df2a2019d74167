/** A straight line through points, and what it leaves of them. */
export interface Line {
  readonly intercept: number;
  /** 0 where all x are equal. */
  readonly slope: number;
  /** y − intercept − slope·x of each point. */
  readonly residuals: readonly number[];
  /** Mean of their squares. */
  readonly variance: number;
}

/** Least squares of y on x. */
export function fitLine(x: readonly number[], y: readonly number[]): Line {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let covariance = 0;
  let spread = 0;
  for (let i = 0; i < n; i++) {
    covariance += (x[i]! - meanX) * (y[i]! - meanY);
    spread += (x[i]! - meanX) ** 2;
  }
  const slope = spread > 0 ? covariance / spread : 0;
  const intercept = meanY - slope * meanX;
  const residuals = y.map((value, i) => value - intercept - slope * x[i]!);
  return { intercept, slope, residuals, variance: residuals.reduce((sum, r) => sum + r * r, 0) / n };
}
