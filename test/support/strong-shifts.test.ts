import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { haveFonts, letterPictures } from '../../support/letters.ts';
import { STRONG_SHIFT_NAMES, type StrongShift, strongShift } from '../../support/strong-shifts.ts';

const SIZE = { height: 28, width: 28 };
const uniform = createUniform(Uint32Array.of(4, 3, 2, 1));
const PICTURE = Uint8Array.from({ length: 28 * 28 }, () => Math.floor(256 * uniform()));

const shifted = (shift: StrongShift, pixels: Uint8Array = PICTURE, index = 0): Promise<Uint8Array> =>
  strongShift(shift, pixels, SIZE, index);

describe('strong shifts', () => {
  it('are twenty and more, keep the size, change the picture, and do so alike every time', async () => {
    assert.ok(STRONG_SHIFT_NAMES.length >= 20);
    for (const shift of STRONG_SHIFT_NAMES) {
      const one = await shifted(shift);
      assert.equal(one.length, PICTURE.length);
      assert.notDeepEqual(one, PICTURE, shift);
      assert.deepEqual(await shifted(shift), one);
    }
  });

  it('differ from image to image where they are random', async () => {
    for (const shift of ['clutter', 'cut out', 'noise 25', 'salt and pepper 10%', 'elastic, 2 px'] as const) {
      assert.notDeepEqual(await shifted(shift, PICTURE, 1), await shifted(shift, PICTURE, 2));
    }
  });

  it('change values as they are named', async () => {
    const brighter = await shifted('brightness +40');
    assert.ok(brighter.every((value, i) => value === Math.min(255, PICTURE[i]! + 40)));
    const background = await shifted('background 128');
    assert.ok(background.every((value, i) => value === Math.max(128, PICTURE[i]!)));
  });

  it('come back after four quarter turns, and after two times upside down', async () => {
    let turned: Uint8Array = PICTURE;
    for (let i = 0; i < 4; i++) {
      turned = await shifted('quarter turn', turned);
      // Two quarters are half a turn.
      if (i === 1) assert.deepEqual(turned, await shifted('upside down'));
    }
    assert.deepEqual(turned, PICTURE);
    assert.deepEqual(await shifted('upside down', await shifted('upside down')), PICTURE);
  });

  it('move what is there by whole pixels, and bring in black', async () => {
    const moved = await shifted('moved by 3 px');
    for (let row = 0; row < 28; row++) {
      for (let column = 0; column < 28; column++) {
        const inside = row + 3 < 28 && column >= 3;
        assert.equal(moved[28 * row + column], inside ? PICTURE[28 * (row + 3) + column - 3] : 0);
      }
    }
  });

  it('turn about the middle: twice by 45° is a quarter of a symmetric disk, which stays', async () => {
    const disk = Uint8Array.from({ length: 784 }, (_, i) =>
      Math.hypot(Math.floor(i / 28) - 13.5, (i % 28) - 13.5) < 8 ? 200 : 0,
    );
    const turned = await shifted('rotation 45°', disk);
    const sum = (pixels: Uint8Array): number => pixels.reduce((all, one) => all + one, 0);
    // Interpolation blurs the rim and keeps the light to a per cent.
    assert.ok(Math.abs(sum(turned) / sum(disk) - 1) < 0.01);
    assert.equal(turned[28 * 13 + 13], 200);
    assert.ok(sum(await shifted('scale 0.5', disk)) / sum(disk) < 0.3);
  });

  it('make blocks of one value, and thin and thicken what is light', async () => {
    const blocks = await shifted('blocks of 7 × 7');
    for (let i = 0; i < 784; i++) {
      const [row, column] = [Math.floor(i / 28), i % 28];
      assert.equal(blocks[i], blocks[28 * (row - (row % 7)) + column - (column % 7)]);
    }
    const [thinner, thicker] = [await shifted('thinner'), await shifted('thicker')];
    assert.ok(PICTURE.every((value, i) => thinner[i]! <= value && value <= thicker[i]!));
  });
});

describe(
  'letter pictures',
  { skip: !haveFonts && "the fonts of Debian's fonts-dejavu-core are missing" },
  () => {
    it('lie within their box, light on dark, the centre of their light in the middle', async () => {
      const letters = await letterPictures('latin', 30, SIZE);
      assert.ok(new Set(letters.map((one) => one.join(','))).size === 30);
      for (const one of letters) {
        const total = one.reduce((sum, value) => sum + value, 0);
        assert.ok(total > 5000 && one[0] === 0 && one[783] === 0);
        const down = one.reduce((sum, value, i) => sum + value * Math.floor(i / 28), 0) / total;
        // To the pixel, and what lies beyond the edge is cut off.
        assert.ok(Math.abs(down - 13.5) < 1.5, `got ${down}`);
      }
    });
  },
);
