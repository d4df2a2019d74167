import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { familiarityOf, familiaritySchema } from '../../src/gate/familiarity.ts';
import { imageStatistics } from '../../src/numerics/familiarity/image-statistics.ts';
import { createUniform } from '../../src/numerics/random.ts';
import { hashPixels } from '../../src/prediction/measure-input.ts';
import { changedPictures } from '../../src/study/calibration/changed-pictures.ts';
import { type FitImage, fitFamiliarity } from '../../src/study/calibration/fit-familiarity.ts';
import { anyPicture, barPicture, PICTURE_SHAPE } from '../../support/pictures.ts';

interface Drawn extends FitImage {
  readonly pixels: Uint8Array;
}

function measured(pixels: Uint8Array, predicted: number): Drawn {
  const intensities = Float32Array.from(pixels, (one) => one / 255);
  return {
    pixels,
    predicted,
    hash: hashPixels(pixels),
    statistics: imageStatistics(intensities, PICTURE_SHAPE),
  };
}

function bars(count: number, seed: number): Drawn[] {
  const uniform = createUniform(Uint32Array.of(seed, 1, 1, 1));
  return Array.from({ length: count }, (_, i) => {
    const kind = (i % 2) as 0 | 1;
    return measured(barPicture(kind, uniform), kind);
  });
}

const changedFrom = (images: readonly Drawn[]): ReturnType<typeof changedPictures> =>
  changedPictures(
    images.slice(0, 100).map(({ pixels }) => pixels),
    PICTURE_SHAPE,
  );

const MOST_SHARE = 0.02;
const FIT = bars(1000, 5);
const GOAL = { mostShare: MOST_SHARE, changed: changedFrom(FIT) };

describe('fitFamiliarity', () => {
  it('learns a floor that familiar images pass and foreign ones do not', () => {
    const { familiarity } = fitFamiliarity(FIT, GOAL);
    assert.ok(familiarity !== null);
    const flagged = (images: readonly FitImage[]): number =>
      images.filter(
        ({ statistics, predicted }) =>
          !(familiarityOf(familiarity, statistics, predicted).score <= familiarity.cut),
      ).length / images.length;
    // The share beyond the cut of 400 images is Beta(9, 393): at most 4.4% in all but one of 1,000 fits. Of
    // 2,000 other images twice as many are never beyond it by chance.
    assert.ok(flagged(bars(2000, 77)) < 2 * 0.044);
    const uniform = createUniform(Uint32Array.of(3, 1, 4, 1));
    const anything = Array.from({ length: 200 }, () => measured(anyPicture(uniform), 0));
    assert.ok(flagged(anything) > 0.99);
    assert.ok(flagged([measured(new Uint8Array(256).fill(128), 1)]) === 1);
    // Lying bars that are taken for upright ones, and the other way round.
    assert.ok(flagged(bars(200, 78).map((one) => ({ ...one, predicted: 1 - one.predicted }))) > 0.99);
  });

  it('sends at most the share that it may of those that set its cut', () => {
    const { familiarity } = fitFamiliarity(FIT, GOAL);
    assert.ok(familiarity !== null);
    assert.equal(familiarity.learned_from + familiarity.held_out, FIT.length);
    const beyond = FIT.filter(
      ({ statistics, predicted }) =>
        familiarityOf(familiarity, statistics, predicted).score > familiarity.cut,
    ).length;
    // The images that taught the distances are nearer than the others, so that fewer of all lie beyond.
    assert.ok(beyond <= MOST_SHARE * FIT.length);
    assert.ok(beyond > 0);
  });

  it('depends on the images alone, not on their order', () => {
    assert.deepEqual(fitFamiliarity([...FIT].reverse(), GOAL), fitFamiliarity(FIT, GOAL));
  });

  it('makes what a gate file takes and reads back bit for bit', () => {
    const { familiarity } = fitFamiliarity(FIT, GOAL);
    assert.ok(familiarity !== null);
    const read = familiaritySchema.parse(JSON.parse(JSON.stringify(familiarity)));
    assert.deepEqual(read, familiarity);
    const one = bars(1, 9)[0]!;
    assert.deepEqual(familiarityOf(read, one.statistics, 0), familiarityOf(familiarity, one.statistics, 0));
  });

  it('says how many images it needs', () => {
    assert.match(fitFamiliarity(FIT.slice(0, 120), GOAL).reason!, /needs 167 fit images, got 120/);
    const rare = fitFamiliarity(FIT, { ...GOAL, mostShare: 0.001 });
    assert.match(rare.reason!, /at most 0.1% of familiar images to people needs 2498 fit images, got 1000/);
    assert.equal(rare.familiarity, null);
  });

  it('finds out that pictures of anything vary too much for it', () => {
    const uniform = createUniform(Uint32Array.of(8, 8, 8, 1));
    const images = Array.from({ length: 1000 }, () => measured(anyPicture(uniform), 0));
    const found = fitFamiliarity(images, { mostShare: MOST_SHARE, changed: changedFrom(images) });
    assert.equal(found.familiarity, null);
    assert.match(found.reason, /know \d+(\.\d+)?% of changed ones from the fit images, fewer than 50%/);
  });

  it('learns nothing that it cannot see the use of', () => {
    assert.match(fitFamiliarity(FIT, { ...GOAL, changed: [] }).reason!, /no changed pictures/);
  });

  it('refuses a share that is none', () => {
    assert.throws(() => fitFamiliarity(FIT, { ...GOAL, mostShare: 0 }), RangeError);
  });
});

describe('changed pictures', () => {
  it('are made of the pixels that there are, five of each picture', () => {
    const images = bars(10, 4);
    const changed = changedFrom(images);
    assert.equal(changed.length, 50);
    // Rows in another order and exchanged quarters keep every pixel of their own picture.
    for (const [i, { statistics }] of images.entries()) {
      for (const kind of [1, 2]) {
        const mean = changed[5 * i + kind]!.pixels[0]!;
        assert.ok(Math.abs(mean - statistics.pixels[0]!) < 1e-6);
        assert.notDeepEqual(changed[5 * i + kind]!.orientations, statistics.orientations);
      }
    }
  });

  it('are the same for the same pictures, and none of fewer than four', () => {
    const images = bars(10, 4);
    assert.deepEqual(changedFrom(images), changedFrom(images));
    assert.deepEqual(changedFrom(images.slice(0, 3)), []);
  });
});
