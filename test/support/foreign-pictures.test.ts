import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { type Foreign, FOREIGN_NAMES, foreignPictures } from '../../support/foreign-pictures.ts';

const SIZE = { height: 28, width: 28 };
const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
/** Twenty pictures of four labels. */
const IMAGES = Array.from({ length: 20 }, () =>
  Uint8Array.from({ length: 28 * 28 }, () => Math.floor(256 * uniform())),
);
const labelOf = (index: number): number => index % 4;

const made = (kind: Foreign, count: number): readonly Uint8Array[] =>
  foreignPictures(kind, count, SIZE, IMAGES, labelOf);
const sorted = (pixels: Uint8Array): readonly number[] => [...pixels].sort((a, b) => a - b);

describe('foreign pictures', () => {
  it('are of the size, the same every time, and not all the same', () => {
    for (const kind of FOREIGN_NAMES) {
      const pictures = made(kind, 6);
      assert.equal(pictures.length, 6);
      assert.ok(pictures.every((one) => one.length === 28 * 28));
      assert.deepEqual(made(kind, 6), pictures);
      const different = new Set(pictures.map((one) => one.join(',')));
      assert.equal(different.size, 6, kind);
    }
  });

  it('take every gray level there is as a constant', () => {
    const levels = made('constant gray', 256).map((one) => {
      assert.equal(new Set(one).size, 1);
      return one[0]!;
    });
    assert.equal(new Set(levels).size, 256);
  });

  it('keep the pixels of the picture that they are made of where they only change places', () => {
    for (const kind of ['patches of 7 × 7 in another order', 'pixels in another order'] as const) {
      for (const [i, one] of made(kind, 20).entries()) {
        assert.deepEqual(sorted(one), sorted(IMAGES[i]!));
        assert.notDeepEqual(one, IMAGES[i]);
      }
    }
    for (const [i, one] of made('inverted', 20).entries()) {
      assert.ok(one.every((value, j) => value === 255 - IMAGES[i]![j]!));
    }
  });

  it('mix two pictures of different labels', () => {
    for (const [i, one] of made('mixtures of two', 20).entries()) {
      const other = IMAGES.findIndex((image) =>
        one.every((value, j) => value === Math.round((IMAGES[i]![j]! + image[j]!) / 2)),
      );
      assert.notEqual(other, -1);
      assert.notEqual(labelOf(other), labelOf(i));
    }
  });

  it('have noise of the mean and deviation that are meant', () => {
    const values = made('normal noise', 20).flatMap((one) => [...one]);
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
    // Of 15,680 values; what is cut off at 0 and 255 takes half a level of the deviation.
    assert.ok(Math.abs(mean - 128) < 2, `got ${mean}`);
    assert.ok(Math.abs(Math.sqrt(variance) - 49.5) < 1.5, `got ${Math.sqrt(variance)}`);
    assert.deepEqual(new Set(made('binary noise', 3).flatMap((one) => [...one])), new Set([0, 255]));
  });
});
