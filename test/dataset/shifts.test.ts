import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shiftDataset, SHIFT_NAMES, shiftPixels } from '../../src/dataset/shifts.ts';
import { largest, smallest } from '../../src/numerics/extremes.ts';

const gray = { height: 28, width: 28, channels: 1 };
const rgb = { height: 28, width: 28, channels: 3 };

/** A bright bar, 8 × 20, on black: no symmetry but its own two axes. */
const bar = Uint8Array.from({ length: 784 }, (_, i) => {
  const [row, column] = [Math.floor(i / 28), i % 28];
  return row >= 4 && row < 24 && column >= 10 && column < 18 ? 200 : 0;
});
const flat = new Uint8Array(784).fill(100);
const sum = (values: Uint8Array): number => values.reduce((a, b) => a + b, 0);

describe('shiftPixels', () => {
  for (const shift of SHIFT_NAMES) {
    it(`gives the same ${shift} at the same index, and leaves its input alone`, () => {
      const before = Uint8Array.from(bar);
      assert.deepEqual(shiftPixels(bar, gray, shift, 5), shiftPixels(bar, gray, shift, 5));
      assert.deepEqual(bar, before);
      assert.notDeepEqual(shiftPixels(bar, gray, shift, 5), bar);
    });
  }

  for (const shift of ['noise', 'rotation', 'translation', 'occlusion'] as const) {
    it(`gives another ${shift} at another index`, () => {
      assert.notDeepEqual(shiftPixels(bar, gray, shift, 5), shiftPixels(bar, gray, shift, 6));
    });
  }

  it('turns images by all angles up to 30°', () => {
    // A dot 10 pixels above the centre lands left or right of it by 10 sin(angle), up to 5.
    const dot = Uint8Array.from({ length: 29 * 29 }, (_, i) => (i === 4 * 29 + 14 ? 255 : 0));
    const columns = Array.from({ length: 200 }, (_, index) => {
      const turned = shiftPixels(dot, { height: 29, width: 29, channels: 1 }, 'rotation', index);
      return turned.reduce((at, value, i) => at + value * ((i % 29) - 14), 0) / sum(turned);
    });
    assert.ok(smallest(columns) < -4.5 && largest(columns) > 4.5);
    assert.ok(columns.every((column) => Math.abs(column) < 5.6));
    assert.ok(Math.abs(columns.reduce((a, b) => a + b, 0) / 200) < 1);
  });

  it('adds noise of 25 of 255', () => {
    const noise = Array.from(shiftPixels(flat, gray, 'noise', 1), (value) => value - 100);
    const mean = noise.reduce((a, b) => a + b, 0) / 784;
    const deviation = Math.sqrt(noise.reduce((a, b) => a + (b - mean) ** 2, 0) / 784);
    // Standard errors 25/√784 = 0.9 and 25/√(2·784) = 0.63; five of each.
    assert.ok(Math.abs(mean) < 4.5, `${mean}`);
    assert.ok(Math.abs(deviation - 25) < 3.2, `${deviation}`);
  });

  it('shrinks and lifts contrast', () => {
    assert.deepEqual(shiftPixels(flat, gray, 'contrast', 1), new Uint8Array(784).fill(80));
  });

  it('blacks out a square of 9 × 9', () => {
    assert.equal(sum(shiftPixels(flat, gray, 'occlusion', 1)), 100 * (784 - 81));
    assert.equal(
      sum(shiftPixels(new Uint8Array(3 * 784).fill(100), rgb, 'occlusion', 1)),
      100 * 3 * (784 - 81),
    );
  });

  it('moves the picture and keeps its light', () => {
    // The bar is at least 4 pixels from every edge and moves by at most 5, so that at most a fifth of its
    // length is lost or doubled.
    const moved = sum(shiftPixels(bar, gray, 'translation', 1));
    assert.ok(Math.abs(moved / sum(bar) - 1) < 0.2, `${moved / sum(bar)}`);
  });

  it('treats each channel of a colour image like a gray one', () => {
    const three = Uint8Array.from({ length: 3 * 784 }, (_, i) => bar[Math.floor(i / 3)]!);
    for (const shift of ['blur', 'rotation', 'translation', 'contrast', 'occlusion'] as const) {
      const shifted = shiftPixels(three, rgb, shift, 3);
      const expected = shiftPixels(bar, gray, shift, 3);
      for (const channel of [0, 1, 2]) {
        assert.deepEqual(
          shifted.filter((_, i) => i % 3 === channel),
          expected,
        );
      }
    }
  });
});

describe('shiftDataset', () => {
  it('shifts each image by its place, as it is read', async () => {
    const read = () => Promise.resolve({ pixels: bar, damage: 'cut' });
    const images = [0, 1].map((i) => ({ where: `${i}`, label: i, read }));
    const shifted = shiftDataset({ name: 'bars', images, problems: [] }, gray, 'rotation');
    assert.equal(shifted.name, 'bars, rotation');
    assert.deepEqual(
      shifted.images.map(({ where, label }) => [where, label]),
      [
        ['0', 0],
        ['1', 1],
      ],
    );
    assert.deepEqual(await shifted.images[1]!.read(), {
      pixels: shiftPixels(bar, gray, 'rotation', 1),
      damage: 'cut',
    });
  });
});
