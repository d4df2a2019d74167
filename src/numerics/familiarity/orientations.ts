import type { Plane } from './pixel-statistics.ts';

/** Cells along each axis, and directions of edges in each. */
export const CELLS = 4;
export const BINS = 6;

/** From this size on a picture is halved first: its cells hold pixels enough. */
const LARGE = 112;

/** How many numbers `writeOrientations` writes. */
export const ORIENTATION_STATISTICS = CELLS * CELLS * BINS;

/**
 * Writes the strength of edges by place and direction: the mean length of the gradient in 4 × 4 cells, shared
 * by each pixel between the two next cells along each axis and the two next of six directions without sign,
 * and of that the fourth root, without which the few strong edges of a picture hide where it has none.
 *
 * @param target By row of cells, column of cells, and direction: gradients along rows first, then towards
 * those along columns.
 * @see Dalal and Triggs (2005), histograms of oriented gradients.
 */
export function writeOrientations(plane: Plane, target: Float64Array): void {
  const { height, width, values } = reduced(plane);
  const columns = sharesOf(width);
  const rows = sharesOf(height);
  target.fill(0);
  const ofRow = new Float64Array(CELLS * BINS);
  for (let row = 0, i = 0; row < height; row++) {
    const above = row > 0 ? width : 0;
    const below = row < height - 1 ? width : 0;
    ofRow.fill(0);
    for (let column = 0; column < width; column++, i++) {
      const dx = (values[column < width - 1 ? i + 1 : i]! - values[column > 0 ? i - 1 : i]!) / 2;
      const dy = (values[i + below]! - values[i - above]!) / 2;
      if (dx === 0 && dy === 0) continue;
      const length = Math.sqrt(dx * dx + dy * dy);
      const turn = ((Math.atan2(dy, dx) / Math.PI + 1) % 1) * BINS;
      const bin = Math.floor(turn);
      const inNext = length * (turn - bin);
      const inBin = length - inNext;
      const one = bin % BINS;
      const other = (bin + 1) % BINS;
      const left = columns.cell[column]! * BINS;
      const share = columns.share[column]!;
      ofRow[left + one]! += share * inBin;
      ofRow[left + other]! += share * inNext;
      if (share < 1) {
        ofRow[left + BINS + one]! += (1 - share) * inBin;
        ofRow[left + BINS + other]! += (1 - share) * inNext;
      }
    }
    const top = rows.cell[row]! * CELLS * BINS;
    const share = rows.share[row]!;
    for (let j = 0; j < CELLS * BINS; j++) {
      target[top + j]! += share * ofRow[j]!;
      if (share < 1) target[top + CELLS * BINS + j]! += (1 - share) * ofRow[j]!;
    }
  }
  const pixels = (height * width) / (CELLS * CELLS);
  for (let j = 0; j < target.length; j++) target[j] = Math.sqrt(Math.sqrt(target[j]! / pixels));
}

/** The picture halved, each four pixels to their mean, until a side is less than `LARGE`. */
function reduced(plane: Plane): Plane {
  if (Math.min(plane.height, plane.width) < LARGE) return plane;
  const height = plane.height >> 1;
  const width = plane.width >> 1;
  const values = new Float32Array(height * width);
  for (let row = 0, i = 0; row < height; row++) {
    let from = 2 * row * plane.width;
    for (let column = 0; column < width; column++, i++, from += 2) {
      const upper = plane.values[from]! + plane.values[from + 1]!;
      const under = from + plane.width;
      values[i] = (upper + (plane.values[under]! + plane.values[under + 1]!)) / 4;
    }
  }
  return reduced({ height, width, values });
}

/** Of each place along an axis: the first of the two cells that it counts for, and by what share. */
function sharesOf(size: number): { readonly cell: Uint8Array; readonly share: Float64Array } {
  const cell = new Uint8Array(size);
  const share = new Float64Array(size);
  for (let place = 0; place < size; place++) {
    const at = Math.min(CELLS - 1, Math.max(0, ((place + 0.5) * CELLS) / size - 0.5));
    cell[place] = Math.floor(at);
    share[place] = 1 - (at - Math.floor(at));
  }
  return { cell, share };
}
