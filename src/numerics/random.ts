/** Draws from the uniform distribution on [0, 1), 53 random bits each. */
export type Uniform = () => number;

/**
 * xoshiro128++ as a source of uniform doubles: the same seed gives the same sequence on every machine.
 *
 * @param seed Four 32-bit words, not all zero.
 * @throws RangeError if the seed has another length or is all zero.
 * @see Blackman & Vigna (2021), ACM Trans. Math. Softw. 47(4).
 */
export function createUniform(seed: Uint32Array): Uniform {
  if (seed.length !== 4 || seed.every((word) => word === 0)) {
    throw new RangeError(
      `expected a seed of four 32-bit words that are not all zero, got [${seed.join(', ')}]`,
    );
  }
  let a = seed[0]! | 0;
  let b = seed[1]! | 0;
  let c = seed[2]! | 0;
  let d = seed[3]! | 0;
  const next = (): number => {
    const sum = (a + d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + a) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return () => (next() >>> 5) * (1 / 134217728) + (next() >>> 6) * (1 / 9007199254740992);
}

/**
 * A seed for part `index` of what `seed` is for, as unlike the others as hashing makes it.
 *
 * @see the finaliser of MurmurHash3 (Appleby 2011)
 */
export function forkSeed(seed: Uint32Array, index: number): Uint32Array {
  return seed.map((word, i) => {
    let h = word ^ Math.imul(index + 1, 0x9e3779b9) ^ Math.imul(i, 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) | (i === 0 ? 1 : 0);
  });
}

/**
 * Fills `target` with independent standard normal numbers.
 *
 * @see Marsaglia & Bray (1964), SIAM Rev. 6(3), the polar method.
 */
export function fillStandardNormal(target: Float32Array, uniform: Uniform): void {
  for (let i = 0; i < target.length; i += 2) {
    let x: number;
    let y: number;
    let squared: number;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      squared = x * x + y * y;
    } while (squared >= 1 || squared === 0);
    const factor = Math.sqrt((-2 * Math.log(squared)) / squared);
    target[i] = x * factor;
    if (i + 1 < target.length) target[i + 1] = y * factor;
  }
}
