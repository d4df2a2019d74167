import type { Points } from './measurement-steps.ts';

/**
 * One input of the classifier, x, and how many input units one unit of pixel intensity is in each coordinate
 * (255·scale/std for 8-bit pixels), both of length D. Intensity runs from 0 to 1.
 */
export interface Input {
  readonly values: Float32Array;
  readonly unitsPerIntensity: Float32Array;
}

/** The unperturbed input as the only point. */
export function basePoint(input: Input): Points {
  return {
    count: 1,
    write: (_row, target) => {
      target.set(input.values);
    },
  };
}

/**
 * Points x + h·v and x − h·v for each direction in turn: rows 2j and 2j+1 belong to direction j.
 *
 * @param step h, the RMS displacement per coordinate in pixel intensity. Points are never clamped to [0, 1].
 */
export function pairsAlong(input: Input, directions: readonly Float32Array[], step: number): Points {
  const { values, unitsPerIntensity } = input;
  return {
    count: 2 * directions.length,
    write: (row, target) => {
      const direction = directions[row >> 1]!;
      const signed = (row & 1) === 0 ? step : -step;
      for (let i = 0; i < target.length; i++) {
        target[i] = values[i]! + signed * unitsPerIntensity[i]! * direction[i]!;
      }
    },
  };
}

/**
 * Points x + h·e_i and x − h·e_i for coordinates `from` ≤ i < `to`: rows 2j and 2j+1 belong to coordinate
 * from + j.
 */
export function pairsPerCoordinate(input: Input, from: number, to: number, step: number): Points {
  return {
    count: 2 * (to - from),
    write: (row, target) => {
      target.set(input.values);
      const i = from + (row >> 1);
      target[i] = displaced(input, i, (row & 1) === 0 ? step : -step);
    },
  };
}

/**
 * The distance between x + h·e_i and x − h·e_i as float32 holds them, in pixel intensity.
 *
 * Dividing by it instead of 2h removes the rounding of the points themselves.
 */
export function realisedSpan(input: Input, i: number, step: number): number {
  return (displaced(input, i, step) - displaced(input, i, -step)) / input.unitsPerIntensity[i]!;
}

function displaced(input: Input, i: number, signedStep: number): number {
  return Math.fround(input.values[i]! + signedStep * input.unitsPerIntensity[i]!);
}
