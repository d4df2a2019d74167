import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { createUniform } from '../../src/numerics/random.ts';
import { blockFor, drawMap } from '../../src/prediction/sensitivity-map.ts';
import { startEngine } from '../engine/start-engine.ts';
import { grayImage, intensities } from './gray-image.ts';
import { type LinearSoftmax, linearSoftmaxModel, pixelSquares } from './linear-softmax.ts';
import { answersTo, predictorOver } from './predictor-over.ts';
import { largest } from '../../src/numerics/extremes.ts';
import { recordOne } from '../../support/record-one.ts';

const MINUTE = 60_000;

/** 60 × 80 pixels are mapped in blocks of 3: 20 rows of 27, of which the last is 2 pixels wide. */
const HEIGHT = 60;
const WIDTH = 80;
const BLOCK = 3;
const ROWS = 20;
const COLUMNS = 27;
const large = { height: HEIGHT, width: WIDTH, labels: ['a', 'b', 'c'], bias: [0.3, 0, -0.2] } as const;

const blockOf = (pixel: number): number =>
  Math.floor(Math.floor(pixel / WIDTH) / BLOCK) * COLUMNS + Math.floor((pixel % WIDTH) / BLOCK);
const pixelsIn = (block: number): number => BLOCK * (block % COLUMNS === COLUMNS - 1 ? WIDTH % BLOCK : BLOCK);

/** Weights that are zero but for those of `pixels`, drawn from [−1, 1). */
function weightsAt(pixels: Iterable<number>, seed: number): number[] {
  const uniform = createUniform(Uint32Array.of(seed, 5, 6, 7));
  const weights = Array<number>(large.labels.length * HEIGHT * WIDTH).fill(0);
  for (const pixel of pixels) {
    for (let c = 0; c < large.labels.length; c++) weights[c * HEIGHT * WIDTH + pixel] = 2 * uniform() - 1;
  }
  return weights;
}

/** Black but for one white pixel, which keeps the logits small: what float32 rounds is relative to them. */
const image = Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i === 500 ? 255 : 0));

/** The block map of `image`, by the real engine. */
async function blockMap(form: LinearSoftmax, seeds: readonly number[]): Promise<Float64Array[]> {
  const model = await linearSoftmaxModel(form);
  assert.equal(blockFor(model), BLOCK);
  const engine = startEngine(model);
  try {
    const outcomes = await Promise.all(
      seeds.map((seed) =>
        engine.measure(
          Uint8Array.from(image),
          { kind: 'map', seed: Uint32Array.of(seed, 2, 3, 4), block: BLOCK },
          MINUTE,
        ),
      ),
    );
    return outcomes.map(({ result }) => {
      assert.ok(result);
      assert.deepEqual([result.rows, result.columns, result.block], [ROWS, COLUMNS, BLOCK]);
      assert.equal(result.passes, 1 + 2 * ROWS * COLUMNS);
      return result.values;
    });
  } finally {
    engine.close();
  }
}

describe('a map of blocks', () => {
  it('is exact where one pixel of each block matters, whatever the random signs are', async () => {
    // A different place in every block; the last column has no third one.
    const places = Array.from({ length: ROWS * COLUMNS }, (_, block) => {
      const row = BLOCK * Math.floor(block / COLUMNS) + (block % BLOCK);
      return row * WIDTH + BLOCK * (block % COLUMNS) + (block % 2);
    });
    const form = { ...large, weights: weightsAt(places, 1) };
    const squares = pixelSquares(form, intensities(image));
    const [values] = await blockMap(form, [7]);
    const brightest = largest(squares);
    for (const [block, place] of places.entries()) {
      assert.equal(blockOf(place), block);
      const expected = Math.sqrt(squares[place]! / pixelsIn(block));
      // Logits near 1 are held to 1.2e-7, and differenced over 6e-3: 2e-5 of the largest norm, 1.
      assert.ok(
        Math.abs(values![block]! - expected) < 1e-4 * Math.sqrt(brightest),
        `block ${block}: ${values![block]} for ${expected}`,
      );
    }
  });

  it('is zero in blocks that the classifier does not look at', async () => {
    const [values] = await blockMap({ ...large, weights: weightsAt([WIDTH + 1], 2) }, [7]);
    assert.deepEqual(
      [...values!].flatMap((value, block) => (value > 0 ? [block] : [])),
      [blockOf(WIDTH + 1)],
    );
  });

  it('has squares that add up to ‖S(p)W‖², without bias', async () => {
    const form = { ...large, weights: weightsAt(image.keys(), 3) };
    const expected = pixelSquares(form, intensities(image)).reduce((sum, square) => sum + square);
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const maps = await blockMap(form, seeds);
    const sums = maps.map((values) =>
      values.reduce((sum, value, block) => sum + value ** 2 * pixelsIn(block), 0),
    );
    const mean = sums.reduce((sum, value) => sum + value, 0) / seeds.length;
    // One block's square has a relative variance of at most 2, the rank-one case; five SD of the mean of all.
    const tolerance = 5 * Math.sqrt(2 / (seeds.length * ROWS * COLUMNS));
    assert.ok(Math.abs(mean / expected - 1) < tolerance, `${mean} for ${expected}`);
    // Other signs give other values: what is averaged here is not one number eight times.
    assert.equal(new Set(sums).size, seeds.length);
  });
});

describe('blockFor', () => {
  const passes = (height: number, width: number, block: number): number =>
    1 + 2 * Math.ceil(height / block) * Math.ceil(width / block);
  for (const [height, width, channels, block] of [
    [28, 28, 1, 1],
    [64, 64, 1, 1],
    [65, 64, 1, 3],
    [37, 37, 3, 2],
    [224, 224, 3, 8],
    [10, 4000, 1, 9],
  ] as const) {
    it(`is ${block} for ${height} × ${width} × ${channels}`, async () => {
      const model = await linearSoftmaxModel({
        ...{ height: 1, width: 1, labels: ['a', 'b'], weights: [1, 0], bias: [0, 0] },
      });
      const shape = { layout: 'NCHW', height, width, channels } as const;
      assert.equal(blockFor({ ...model, shape, dimension: height * width * channels }), block);
      if (block > 1) assert.ok(passes(height, width, block) <= 2000);
      if (block > 2) assert.ok(passes(height, width, block - 1) > 2000);
    });
  }
});

/** Pixels of a PNG, as RGB. */
async function colours(
  png: Uint8Array,
): Promise<{ width: number; height: number; at: (row: number, column: number) => number[] }> {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  const { width, height } = info;
  return {
    width,
    height,
    at: (row, column) => [...data.subarray(3 * (row * width + column), 3 * (row * width + column + 1))],
  };
}

const DARKEST = [8, 5, 30];
const BRIGHTEST = [252, 250, 190];

describe('drawMap', () => {
  it('gives zero the darkest colour, the largest value the brightest, and a seventh of it the second', async () => {
    const map = { rows: 1, columns: 3, block: 1, values: Float64Array.of(0, 0.1, 0.7), passes: 7 };
    const { at, width, height } = await colours(await drawMap(map, 3, 1));
    assert.deepEqual([width, height], [3, 1]);
    assert.deepEqual([at(0, 0), at(0, 1), at(0, 2)], [DARKEST, [55, 15, 95], BRIGHTEST]);
  });

  it('is dark all over where nothing matters', async () => {
    const map = { rows: 2, columns: 1, block: 1, values: Float64Array.of(0, 0), passes: 5 };
    const { at } = await colours(await drawMap(map, 1, 2));
    assert.deepEqual([at(0, 0), at(1, 0)], [DARKEST, DARKEST]);
  });

  it('scales blocks up to their pixels and cuts those that reach past the edge', async () => {
    const map = { rows: 2, columns: 2, block: 3, values: Float64Array.of(0, 1, 1, 0), passes: 9 };
    const { at, width, height } = await colours(await drawMap(map, 5, 4));
    assert.deepEqual([width, height], [5, 4]);
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 5; column++) {
        assert.deepEqual(at(row, column), row < 3 === column < 3 ? DARKEST : BRIGHTEST, `${row}, ${column}`);
      }
    }
  });
});

describe('the sensitivity map of an item', () => {
  const form: LinearSoftmax = {
    ...{ height: 2, width: 3, labels: ['a', 'b'], bias: [0, 0] },
    weights: [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, -2, 0],
  };
  const values = [10, 20, 30, 40, 50, 60];
  const model = linearSoftmaxModel(form);

  it('shows every pixel of a small image, brightest where S(p)W is largest', async (t) => {
    const { predictor } = await predictorOver(t, await model);
    const [answer] = await answersTo(predictor, [await grayImage(3, values)], {});
    const { at, width, height } = await colours((await predictor.sensitivityMap(answer!.id))!);
    assert.deepEqual([width, height], [3, 2]);
    assert.deepEqual(at(1, 1), BRIGHTEST);
    assert.deepEqual(at(0, 0), DARKEST);
    // Half the weight of the brightest: halfway between the fourth and the fifth of eight colours.
    const middle = [165, 45, 95].map((low, i) => (low + [215, 75, 60][i]!) / 2);
    // The norms are exact to float32 differences, a ten-thousandth; a colour is one of 256.
    for (const [i, part] of at(0, 2).entries()) assert.ok(Math.abs(part - middle[i]!) <= 1, `${part}`);
  });

  it('shows blocks of a large image, at the size of the model’s input', async (t) => {
    // In the last column, whose blocks are cut.
    const place = 31 * WIDTH + 79;
    const served = await linearSoftmaxModel({ ...large, weights: weightsAt([place], 4) });
    const { predictor } = await predictorOver(t, served);
    const [answer] = await answersTo(predictor, [await grayImage(WIDTH, image)], {});
    const { at, width, height } = await colours((await predictor.sensitivityMap(answer!.id))!);
    assert.deepEqual([width, height], [WIDTH, HEIGHT]);
    for (let row = 0; row < HEIGHT; row++) {
      for (let column = 0; column < WIDTH; column++) {
        const expected = blockOf(row * WIDTH + column) === blockOf(place) ? BRIGHTEST : DARKEST;
        assert.deepEqual(at(row, column), expected, `${row}, ${column}`);
      }
    }
  });

  it('is null for what is not in review', async (t) => {
    const { predictor, store } = await predictorOver(t, await model);
    assert.equal(await predictor.sensitivityMap('nobody'), null);
    const [answer] = await answersTo(predictor, [await grayImage(3, values)], {});
    const { prediction } = (await store.records.find(answer!.id))!;
    await recordOne(store, { ...prediction, id: 'auto', decision: 'auto' }, null);
    assert.equal(await predictor.sensitivityMap('auto'), null);
  });

  it('is refused for an item of another model', async (t) => {
    const { predictor, store } = await predictorOver(t, await model);
    const bytes = await grayImage(3, values);
    const [answer] = await answersTo(predictor, [bytes], {});
    const { prediction } = (await store.records.find(answer!.id))!;
    await recordOne(
      store,
      { ...prediction, id: 'foreign', modelDigest: 'sha256:another' },
      { bytes, contentType: 'image/png' },
    );
    await assert.rejects(predictor.sensitivityMap('foreign'), { code: 'no_map', message: /sha256:another/ });
  });

  it('is refused for an item that could not be measured', async (t) => {
    const broken = await linearSoftmaxModel({ ...form, bias: [NaN, 0] });
    const { predictor } = await predictorOver(t, broken);
    const [answer] = await answersTo(predictor, [await grayImage(3, values)], {});
    await assert.rejects(predictor.sensitivityMap(answer!.id), { code: 'no_map' });
  });

  it('is measured once, for callers at the same time and for later ones', async (t) => {
    const { predictor, engine } = await predictorOver(t, await model, { engine: {} });
    const [answer] = await answersTo(predictor, [await grayImage(3, values)], {});
    const [first, second] = await Promise.all([
      predictor.sensitivityMap(answer!.id),
      predictor.sensitivityMap(answer!.id),
    ]);
    engine.close();
    assert.equal(second, first);
    assert.equal(await predictor.sensitivityMap(answer!.id), first);
  });
});
