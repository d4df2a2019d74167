import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coordinate, dimensionOf, type ImageShape } from '../../../src/numerics/jacobian/image-shape.ts';
import {
  type ImageStatistics,
  imageStatistics,
  STATISTICS,
  STATISTICS_GROUPS,
  type StatisticsGroup,
} from '../../../src/numerics/familiarity/image-statistics.ts';

const gray = (height: number, width: number): ImageShape => ({ height, width, channels: 1, layout: 'NCHW' });

/** A gray picture by a function of place. */
function picture(
  shape: ImageShape,
  at: (row: number, column: number, channel: number) => number,
): Float32Array {
  const values = new Float32Array(dimensionOf(shape));
  for (let row = 0; row < shape.height; row++) {
    for (let column = 0; column < shape.width; column++) {
      for (let c = 0; c < shape.channels; c++) {
        values[coordinate(shape, row, column, c)] = at(row, column, c);
      }
    }
  }
  return values;
}

function named(statistics: ImageStatistics, group: StatisticsGroup, name: string): number {
  const place = STATISTICS[group].findIndex((one) => one.name === name);
  assert.ok(place >= 0, `there is a statistic ${name}`);
  return statistics[group][place]!;
}

/** float32 keeps seven digits of an intensity. */
const SINGLE = 1e-6;

function near(actual: number, expected: number, tolerance = SINGLE): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `expected ${expected}, got ${actual}`);
}

describe('image statistics', () => {
  it('say of a constant picture its intensity, and that nothing changes', () => {
    const shape = gray(28, 28);
    const statistics = imageStatistics(
      picture(shape, () => 0.6),
      shape,
    );
    for (const name of ['mean', 'border_mean', 'darkest_parts', 'middle_parts', 'brightest_parts']) {
      near(named(statistics, 'pixels', name), 0.6);
    }
    for (const name of ['change_along_rows', 'change_along_columns', 'roughness', 'black', 'white']) {
      assert.equal(named(statistics, 'pixels', name), 0);
    }
    // The root of what rounding leaves of a variance.
    near(named(statistics, 'pixels', 'deviation'), 0, 1e-7);
    near(named(statistics, 'pixels', 'detail_1'), Math.log(1e-6));
    near(named(statistics, 'pixels', 'large_parts'), Math.log(1e-6));
    assert.ok(statistics.orientations.every((one) => one === 0));
    near(named(statistics, 'centre', 'centre_x'), 0);
    // A uniform distribution of width 1 has a deviation of √(1/12); 28 places of one, a little less.
    near(named(statistics, 'centre', 'spread_x'), Math.sqrt((1 - 1 / 28 ** 2) / 12), 1e-5);
  });

  it('count what can be counted by hand', () => {
    const shape = gray(3, 3);
    // 0 0 1
    // 0 1 1
    // 0 0 1
    const values = Float32Array.of(0, 0, 1, 0, 1, 1, 0, 0, 1);
    const statistics = imageStatistics(values, shape);
    near(named(statistics, 'pixels', 'mean'), 4 / 9);
    near(named(statistics, 'pixels', 'deviation'), Math.sqrt(4 / 9 - (4 / 9) ** 2));
    near(named(statistics, 'pixels', 'change_along_rows'), 3 / 6);
    near(named(statistics, 'pixels', 'change_along_columns'), 2 / 6);
    near(named(statistics, 'pixels', 'roughness'), 3);
    near(named(statistics, 'pixels', 'black'), 5 / 9);
    near(named(statistics, 'pixels', 'white'), 4 / 9);
    near(named(statistics, 'pixels', 'border_mean'), 3 / 8);
    near(named(statistics, 'pixels', 'middle_parts'), 0);
    near(named(statistics, 'pixels', 'bright_parts'), 1);
    near(named(statistics, 'centre', 'centre_x'), (3 * (1 / 3) + 0) / 4, 1e-5);
    near(named(statistics, 'centre', 'centre_y'), 0, 1e-5);
  });

  it('find fine detail along the axis that it changes along', () => {
    const shape = gray(28, 28);
    const columns = imageStatistics(
      picture(shape, (_row, column) => column % 2),
      shape,
    );
    const rows = imageStatistics(
      picture(shape, (row) => row % 2),
      shape,
    );
    // One value in two is 1: smoothing by ¼, ½, ¼ leaves ½ but at the edges.
    near(named(columns, 'pixels', 'detail_1_along_rows'), Math.log(0.25), 0.06);
    near(named(columns, 'pixels', 'detail_1_along_columns'), Math.log(1e-6));
    near(named(rows, 'pixels', 'detail_1_along_columns'), Math.log(0.25), 0.06);
    near(named(rows, 'pixels', 'detail_1_along_rows'), Math.log(1e-6));
    assert.ok(named(columns, 'pixels', 'detail_4') < Math.log(0.01));
  });

  it('find where edges are and which way they run', () => {
    const shape = gray(28, 28);
    const upright = imageStatistics(
      picture(shape, (_row, column) => (column < 14 ? 0 : 1)),
      shape,
    );
    // Two columns of pixels see half the step. In each of four cells of a column of 7 × 7 they are half of 14
    // halves, shared with the cells beside; the fourth root of that mean.
    const edge = named(upright, 'orientations', 'edges_2_2_0');
    near(edge, named(upright, 'orientations', 'edges_3_3_0'));
    near(edge ** 4, (7 * 2 * 0.5 * 0.5) / 49, 0.01);
    assert.equal(named(upright, 'orientations', 'edges_2_2_90'), 0);
    assert.equal(named(upright, 'orientations', 'edges_2_1_0'), 0);
    const lying = imageStatistics(
      picture(shape, (row) => (row < 14 ? 0 : 1)),
      shape,
    );
    near(named(lying, 'orientations', 'edges_2_2_90'), edge);
    assert.equal(named(lying, 'orientations', 'edges_2_2_0'), 0);
    // Bright to dark is the same edge.
    const falling = imageStatistics(
      picture(shape, (_row, column) => (column < 14 ? 1 : 0)),
      shape,
    );
    near(named(falling, 'orientations', 'edges_2_2_0'), edge);
  });

  it('see the same edges in a picture of any size', () => {
    const wave = (size: number): ImageStatistics =>
      imageStatistics(
        picture(gray(size, size), (row, column) => 0.5 + 0.4 * Math.sin((9 * row + 4 * column) / size)),
        gray(size, size),
      );
    const [small, large] = [wave(100), wave(300)];
    // The large one is halved twice: each of its pixels then spans 1/75 of it, of the other 1/100.
    for (const [i, one] of small.orientations.entries()) {
      near(large.orientations[i]! ** 4, (100 / 75) * one ** 4, 2e-3);
    }
  });

  it('are the same in either layout', () => {
    const nchw: ImageShape = { height: 5, width: 7, channels: 3, layout: 'NCHW' };
    const nhwc: ImageShape = { ...nchw, layout: 'NHWC' };
    const at = (row: number, column: number, channel: number): number =>
      ((row * 31 + column * 17 + channel * 11) % 23) / 23;
    assert.deepEqual(imageStatistics(picture(nchw, at), nchw), imageStatistics(picture(nhwc, at), nhwc));
  });

  it('tell colours apart', () => {
    const shape: ImageShape = { height: 4, width: 4, channels: 3, layout: 'NHWC' };
    const red = imageStatistics(
      picture(shape, (_row, _column, channel) => (channel === 0 ? 0.9 : 0.3)),
      shape,
    );
    near(named(red, 'colours', 'first_less_second'), 0.6);
    near(named(red, 'colours', 'second_less_third'), 0);
    near(named(red, 'colours', 'colourfulness'), 0.6);
    near(named(red, 'pixels', 'mean'), 0.5);
    const grayed = imageStatistics(
      picture(shape, () => 0.5),
      shape,
    );
    assert.ok(grayed.colours.every((one) => one === 0));
  });

  it('are finite for any size, and as many as the table names', () => {
    for (const [height, width] of [
      [1, 1],
      [1, 5],
      [5, 1],
      [2, 2],
      [3, 120],
      [130, 113],
    ] as const) {
      for (const channels of [1, 3]) {
        const shape: ImageShape = { height, width, channels, layout: 'NCHW' };
        const statistics = imageStatistics(
          picture(shape, (row, column) => ((row + column) % 3) / 2),
          shape,
        );
        for (const group of STATISTICS_GROUPS) {
          const expected = group === 'colours' && channels === 1 ? 0 : STATISTICS[group].length;
          assert.equal(statistics[group].length, expected);
          assert.ok(statistics[group].every(Number.isFinite), `${group} of ${height} × ${width}`);
        }
      }
    }
  });

  it('name each number differently', () => {
    const names = STATISTICS_GROUPS.flatMap((group) => STATISTICS[group].map(({ name }) => name));
    assert.equal(new Set(names).size, names.length);
  });

  it('are not numbers where a pixel is none', () => {
    const shape = gray(4, 4);
    const statistics = imageStatistics(
      picture(shape, (row) => (row === 2 ? NaN : 0.5)),
      shape,
    );
    assert.ok(Number.isNaN(named(statistics, 'pixels', 'mean')));
  });

  it('refuse intensities that are not the shape’s', () => {
    assert.throws(() => imageStatistics(new Float32Array(8), gray(3, 3)), /expected 9 intensities, got 8/);
    const four: ImageShape = { height: 1, width: 1, channels: 4, layout: 'NCHW' };
    assert.throws(() => imageStatistics(new Float32Array(4), four), /1 × 1 × 3, got 1 × 1 × 4/);
  });
});
