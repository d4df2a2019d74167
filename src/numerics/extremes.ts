/**
 * The smallest of the numbers; NaN where one is not a number, Infinity where there is none.
 *
 * `Math.min(...values)` would put every value on the stack, which ends at about 125,000 of them.
 */
export function smallest(values: Iterable<number>): number {
  let least = Infinity;
  for (const value of values) least = Math.min(least, value);
  return least;
}

/** The largest of the numbers; NaN where one is not a number, −Infinity where there is none. */
export function largest(values: Iterable<number>): number {
  let most = -Infinity;
  for (const value of values) most = Math.max(most, value);
  return most;
}
