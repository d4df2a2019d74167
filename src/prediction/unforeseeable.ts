import { randomInt } from 'node:crypto';

const STEPS = 2 ** 47;

/** Uniform in [0, 1), in steps of 2⁻⁴⁷, from the system's source of secrets. */
export function unforeseeable(): number {
  return randomInt(STEPS) / STEPS;
}
