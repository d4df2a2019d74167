import { argmax, directionalChange } from '../src/numerics/jacobian/softmax.ts';
import { byLogit, orthonormalise, writeContrast } from '../src/numerics/jacobian/steepest.ts';
import type { Classifier, PullBack } from '../src/numerics/jacobian/classifier.ts';
import type { Input } from '../src/numerics/jacobian/probes.ts';
import { check } from '../bench/harness.ts';

export type Difference = 'forward' | 'central';

/** An input and what the network says of it. */
export interface Answered {
  readonly input: Input;
  /** Its logits. */
  readonly base: Float32Array;
  readonly p: Float64Array;
}

/** A gradient by pixel intensity, where directions live. */
export async function gradientAt(
  { values, unitsPerIntensity }: Input,
  cotangent: Float32Array,
  pullBack: PullBack,
): Promise<Float32Array> {
  const raw = await pullBack(values, cotangent, 1);
  return Float32Array.from(raw, (value, i) => value * unitsPerIntensity[i]!);
}

/** The first steepest direction, of length one. */
export async function steepestAt({ input, base }: Answered, pullBack: PullBack): Promise<Float32Array> {
  const contrast = new Float32Array(base.length);
  writeContrast(base, byLogit(base), 0, contrast);
  const steepest = await gradientAt(input, contrast, pullBack);
  check(orthonormalise(steepest, []), 'an image has no gradient');
  return steepest;
}

/** √Σ‖J v‖² over `directions` by differences. */
export async function byDifferences(
  { input: { values, unitsPerIntensity }, base, p }: Answered,
  directions: readonly Float32Array[],
  step: number,
  difference: Difference,
  classify: Classifier,
): Promise<number> {
  const at = async (direction: Float32Array, signed: number): Promise<Float32Array> => {
    const x = values.map((value, i) => value + signed * unitsPerIntensity[i]! * direction[i]!);
    return Float32Array.from(await classify(x, 1));
  };
  let squares = 0;
  for (const direction of directions) {
    const plus = await at(direction, step);
    const [minus, span] = difference === 'central' ? [await at(direction, -step), 2 * step] : [base, step];
    const dz = Float64Array.from(plus, (z, c) => (z - minus[c]!) / span);
    squares += directionalChange(p, argmax(p), dz).probabilities;
  }
  return Math.sqrt(squares);
}
