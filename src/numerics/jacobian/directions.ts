import type { Uniform } from '../random.ts';

/** Values of 16 bits that one draw of 53 gives. */
const PER_DRAW = 3;
const VALUES = 65536;
const UNIT_VARIANCE = Math.sqrt(3);

/**
 * Fills `target` with a direction in pixel space: D numbers with E[v vᵀ] = I, so that E‖Jv‖² = ‖J‖_F².
 *
 * Coordinates are independent, each uniform between −√3 and √3; ‖v‖² is D on average.
 *
 * Costs a tenth of normal numbers. For a rank-one J, v·w/‖w‖ has density at most √2/√12 = 0.408 at zero
 * whatever w is (Ball 1986, Proc. AMS 97(3), on slices of the cube), where the normal has 0.399: the chance
 * that a direction misses a large J is at most 2.3% more than χ²_1 says. Random signs are cheaper still but
 * have no such bound: where ∂p/∂x rests on two equal pixels, half of them see nothing.
 */
export function uniformDirection(target: Float32Array, uniform: Uniform): void {
  const scale = (2 * UNIT_VARIANCE) / VALUES;
  const offset = scale / 2 - UNIT_VARIANCE;
  for (let i = 0; i < target.length; i += PER_DRAW) {
    let rest = uniform();
    const end = Math.min(target.length, i + PER_DRAW);
    for (let j = i; j < end; j++) {
      rest *= VALUES;
      const value = Math.floor(rest);
      rest -= value;
      target[j] = value * scale + offset;
    }
  }
}
