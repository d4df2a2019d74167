/** Midpoints of five slices of equal probability of the standard normal distribution. */
const SLICES = [-1.2816, -0.5244, 0, 0.5244, 1.2816] as const;

/**
 * The mean of `value` over a random number of `images`: normal with this mean and standard deviation, in five
 * slices of equal probability, rounded and kept between none and all.
 *
 * How many images a threshold will accept is not known beforehand. Where the fewest that prove anything are
 * expected, half the time there are fewer.
 */
export function meanOverCount(
  images: number,
  mean: number,
  deviation: number,
  value: (count: number) => number,
): number {
  let sum = 0;
  for (const slice of SLICES) {
    sum += value(Math.min(images, Math.max(0, Math.round(mean + slice * deviation))));
  }
  return sum / SLICES.length;
}
