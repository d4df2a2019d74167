import { exactSensitivity } from './exact.ts';
import { coordinate, type ImageShape } from './image-shape.ts';
import type { MeasurementSteps } from './measurement-steps.ts';
import { requireFinite } from './not-measurable-error.ts';
import { basePoint, type Input, pairsAlong } from './probes.ts';
import type { Uniform } from '../random.ts';
import { argmax, directionalChange, softmax } from './softmax.ts';

/** RMS displacement inside a block, in pixel intensity. */
const BLOCK_STEP = 3e-3;

/** Blocks asked for at a time. */
const BLOCKS_PER_LOOK = 32;

/** ‖∂p/∂x_i‖ over a grid of square blocks, row-major; a block of 1 is a pixel, with all its channels. */
export interface SensitivityMap {
  readonly rows: number;
  readonly columns: number;
  /** Pixels on the side of a block. */
  readonly block: number;
  /** Root mean square of ‖∂p/∂x_i‖ over the pixels of each block, probability per unit of intensity. */
  readonly values: Float64Array;
  readonly passes: number;
}

/** The norm of each pixel's columns of J from those of its coordinates. */
function pixelNorms(coordinateSquares: Float64Array, shape: ImageShape): Float64Array {
  const norms = new Float64Array(shape.height * shape.width);
  for (let row = 0; row < shape.height; row++) {
    for (let column = 0; column < shape.width; column++) {
      let sum = 0;
      for (let channel = 0; channel < shape.channels; channel++) {
        sum += coordinateSquares[coordinate(shape, row, column, channel)]!;
      }
      norms[row * shape.width + column] = Math.sqrt(sum);
    }
  }
  return norms;
}

/**
 * The map of every pixel, exactly (1 + 2D passes), or of blocks of pixels by one direction of random signs a
 * block (1 + 2·blocks passes), whose squared answer is unbiased for the block's sum of squares.
 */
export function* mapSensitivity(
  input: Input,
  shape: ImageShape,
  block: number,
  uniform: Uniform,
): MeasurementSteps<SensitivityMap> {
  if (block === 1) {
    const exact = yield* exactSensitivity(input);
    const values = pixelNorms(exact.coordinateSquares, shape);
    return { rows: shape.height, columns: shape.width, block, values, passes: exact.passes };
  }
  const rows = Math.ceil(shape.height / block);
  const columns = Math.ceil(shape.width / block);
  const base = yield basePoint(input);
  requireFinite(base);
  const p = softmax(base);
  const predicted = argmax(p);
  const values = new Float64Array(rows * columns);
  const dz = new Float64Array(p.length);
  for (let from = 0; from < values.length; from += BLOCKS_PER_LOOK) {
    const count = Math.min(BLOCKS_PER_LOOK, values.length - from);
    const directions = Array.from({ length: count }, (_, j) =>
      blockSigns(shape, block, Math.floor((from + j) / columns), (from + j) % columns, uniform),
    );
    const answers = yield pairsAlong(
      input,
      directions.map(({ v }) => v),
      BLOCK_STEP,
    );
    requireFinite(answers);
    for (let j = 0; j < count; j++) {
      for (let c = 0; c < p.length; c++) {
        dz[c] = (answers[2 * j * p.length + c]! - answers[(2 * j + 1) * p.length + c]!) / (2 * BLOCK_STEP);
      }
      const { probabilities } = directionalChange(p, predicted, dz);
      values[from + j] = Math.sqrt(probabilities / directions[j]!.pixels);
    }
  }
  return { rows, columns, block, values, passes: 1 + 2 * values.length };
}

function blockSigns(
  shape: ImageShape,
  block: number,
  blockRow: number,
  blockColumn: number,
  uniform: Uniform,
): { v: Float32Array; pixels: number } {
  const v = new Float32Array(shape.height * shape.width * shape.channels);
  const bottom = Math.min(shape.height, (blockRow + 1) * block);
  const right = Math.min(shape.width, (blockColumn + 1) * block);
  let pixels = 0;
  for (let row = blockRow * block; row < bottom; row++) {
    for (let column = blockColumn * block; column < right; column++) {
      pixels++;
      for (let channel = 0; channel < shape.channels; channel++) {
        v[coordinate(shape, row, column, channel)] = uniform() < 0.5 ? -1 : 1;
      }
    }
  }
  return { v, pixels };
}
