import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { DatasetImage } from '../../src/dataset/dataset.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { defaultFamily } from '../../src/numerics/jacobian/transforms.ts';
import { hashDataset } from '../../src/study/measuring/hash-dataset.ts';
import { hashPixels, measureInput } from '../../src/prediction/measure-input.ts';
import { LostImagesError } from '../../src/study/measuring/lost-images-error.ts';
import { measureDataset } from '../../src/study/measuring/measure-dataset.ts';
import { procedureId } from '../../src/study/measuring/measurement-cache.ts';
import { temporaryFolder, writeFiles } from '../dataset/files.ts';
import { haltEngine, startEngine, untilOpen } from '../engine/start-engine.ts';
import { grayImage } from '../prediction/gray-image.ts';
import { linearSoftmaxModel } from '../prediction/linear-softmax.ts';
import { procedure, openHashed, writeImages } from './measured-files.ts';

const MINUTE = 60_000;
const model = await linearSoftmaxModel({
  height: 2,
  width: 2,
  labels: ['a', 'b', 'c'],
  weights: [1, -2, 0.5, 0, 0, 1, 3, -1, -1, 0, 0, 2],
  bias: [0.3, 0, -0.2],
});
const engine = startEngine(model);
after(() => {
  engine.close();
});

/** The engine, and how many measurements were asked of it. */
function counting(): { engine: Engine; asked: () => number } {
  let asked = 0;
  const measure: Engine['measure'] = (...args) => {
    asked++;
    return engine.measure(...args);
  };
  return { engine: Object.assign(Object.create(engine) as Engine, { measure }), asked: () => asked };
}

/** Kills whatever process of `engine` there is, all the time. */
function killAlways(engine: Engine): NodeJS.Timeout {
  return setInterval(() => {
    for (const pid of engine.pids) process.kill(pid, 'SIGKILL');
  }, 5);
}

async function cacheFile(folder: string): Promise<string> {
  const [name, ...others] = await readdir(folder);
  assert.deepEqual(others, []);
  return join(folder, name!);
}

describe('hashDataset', () => {
  it('keeps the first of equal images, none of those labelled differently, and names what it leaves out', async (t) => {
    const folder = await temporaryFolder(t);
    const [one, two, three] = await Promise.all([1, 2, 3].map((n) => grayImage(2, [n, 0, 0, 0])));
    await writeFiles(folder, {
      'a/1.png': one!,
      'a/2.png': two!,
      'a/again.png': one!,
      'a/cut.png': one!.subarray(0, 50),
      'b/2.png': two!,
      'b/3.png': three!,
      'hat/1.png': one!,
    });
    const { images, problems } = await openHashed(folder, model, 1);
    const short = (where: string): string => where.replace(`${folder}/`, '');
    assert.deepEqual(
      images.map(({ where, label, hash }) => [short(where), label, hash]),
      [
        ['a/1.png', 0, hashPixels(Uint8Array.of(1, 0, 0, 0))],
        ['b/3.png', 1, hashPixels(Uint8Array.of(3, 0, 0, 0))],
      ],
    );
    assert.deepEqual(
      problems.map(({ kind, where }) => [kind, short(where)]),
      [
        ['unknown_label', 'hat'],
        ['unreadable_image', 'a/cut.png'],
        ['conflicting_labels', 'a/2.png'],
        ['duplicate', 'a/again.png'],
        ['conflicting_labels', 'b/2.png'],
        ['few_images', 'c'],
      ],
    );
    assert.match(problems[1]!.detail, /^truncated_image/);
    assert.match(problems[2]!.detail, /labelled a, but .*b\/2.png with the same pixels is labelled b/);
    assert.match(problems[3]!.detail, /same pixels as .*a\/1.png/);
    assert.match(problems[5]!.detail, /at least 1 .*got 0/);
  });

  it('reads a bounded number of images at a time', async () => {
    let [open, most] = [0, 0];
    const images: DatasetImage[] = Array.from({ length: 200 }, (_, i) => ({
      where: String(i),
      label: 0,
      read: async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return { pixels: Uint8Array.of(i, 0, 0, 0), damage: null };
      },
    }));
    const hashed = await hashDataset({ name: 'x', images, problems: [] }, { labels: ['a'], fewest: 0 });
    assert.equal(hashed.images.length, 200);
    assert.ok(most > 1 && most <= 16, `${most} open at a time`);
  });
});

describe('measureDataset', () => {
  it('measures each image as the service does, in their order', async (t) => {
    const { images } = await openHashed(await writeImages(await temporaryFolder(t), 5), model);
    const transforms = defaultFamily(false);
    const progress: number[] = [];
    const measured = await measureDataset(engine, model, images, procedure, {
      transforms,
      onProgress: (done, total) => progress.push(done / total),
    });
    for (const [i, { where, hash, label, read }] of images.entries()) {
      const { pixels } = await read();
      const { result } = await measureInput(
        engine,
        pixels,
        hash,
        model.digest,
        procedure,
        MINUTE,
        transforms,
      );
      assert.deepEqual(measured.images[i], { where, hash, label, damaged: false, estimate: result });
    }
    assert.deepEqual(progress, [0, 1 / 5, 2 / 5, 3 / 5, 4 / 5, 1]);
  });

  it('names what is gone or changed since it was hashed', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, {
      'a/1.png': await grayImage(2, [1, 0, 0, 0]),
      'a/2.png': await grayImage(2, [2, 0, 0, 0]),
      'b/3.png': await grayImage(2, [3, 0, 0, 0]),
    });
    const { images } = await openHashed(folder, model);
    await writeFile(join(folder, 'a/1.png'), await grayImage(2, [9, 9, 9, 9]));
    await truncate(join(folder, 'b/3.png'));
    const measured = await measureDataset(engine, model, images, procedure);
    assert.deepEqual(
      measured.images.map(({ where }) => where),
      [join(folder, 'a/2.png')],
    );
    assert.deepEqual(
      measured.problems.map(({ kind, where }) => [kind, where]),
      [
        ['unreadable_image', join(folder, 'a/1.png')],
        ['unreadable_image', join(folder, 'b/3.png')],
      ],
    );
  });

  it('names what cannot be measured', async (t) => {
    // A constant network: no logit moves along any direction.
    const flat = await linearSoftmaxModel({
      height: 2,
      width: 2,
      labels: ['a', 'b', 'c'],
      weights: new Array<number>(12).fill(0),
      bias: [0, 1, 2],
    });
    const { images } = await openHashed(await writeImages(await temporaryFolder(t), 2), flat);
    const flatEngine = startEngine(flat);
    t.after(() => {
      flatEngine.close();
    });
    const { images: measured, problems } = await measureDataset(flatEngine, flat, images, procedure);
    assert.deepEqual(measured, []);
    assert.deepEqual(
      problems.map(({ kind, where }) => [kind, where]),
      images.map(({ where }) => ['not_measurable', where]),
    );
  });
});

describe('measureDataset on an engine that', () => {
  it('stands still for ten minutes loses no image', async (t) => {
    const { images } = await openHashed(await writeImages(await temporaryFolder(t), 200), model);
    const own = startEngine(model);
    t.after(() => {
      own.close();
    });
    const goOn = await haltEngine(own);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const measuring = measureDataset(own, model, images, procedure);
    await untilOpen(own, 2);
    t.mock.timers.tick(600_000);
    goOn();
    const { images: measured, problems } = await measuring;
    assert.deepEqual(problems, []);
    assert.deepEqual({ images: measured, problems }, await measureDataset(engine, model, images, procedure));
  });

  it('ends again and again is an error, and what was measured is kept', async (t) => {
    const [folder, cache] = [await temporaryFolder(t), await temporaryFolder(t)];
    const { images } = await openHashed(await writeImages(folder, 300), model);
    const own = startEngine(model);
    t.after(() => {
      own.close();
    });
    await own.started();
    let killer: NodeJS.Timeout | null = null;
    const measuring = measureDataset(own, model, images, procedure, {
      cache,
      onProgress: (done) => {
        if (done === 100) killer ??= killAlways(own);
      },
    });
    const error = await measuring.then(
      () => null,
      (error: unknown) => error,
    );
    clearInterval(killer!);
    assert.ok(error instanceof LostImagesError, String(error));
    assert.match(
      error.message,
      /^expected to measure 300 images, and to lose at most 1% .* lost 4 until now/,
    );
    assert.match(error.message, /run the same command again: what has been measured is kept/);
    const again = counting();
    const resumed = await measureDataset(again.engine, model, images, procedure, { cache });
    assert.equal(resumed.images.length, 300);
    assert.ok(again.asked() <= 200, `${again.asked()} were measured again`);
  });

  it('dies of one image in a hundred names it and goes on', async (t) => {
    const [folder, cache] = [await temporaryFolder(t), await temporaryFolder(t)];
    const { images } = await openHashed(await writeImages(folder, 100), model);
    await measureDataset(engine, model, images.slice(1), procedure, { cache });
    const own = startEngine(model);
    t.after(() => {
      own.close();
    });
    await haltEngine(own);
    const killer = killAlways(own);
    const { images: measured, problems } = await measureDataset(own, model, images, procedure, { cache });
    clearInterval(killer);
    assert.equal(measured.length, 99);
    assert.deepEqual(
      problems.map(({ kind, where }) => [kind, where]),
      [['not_measurable', images[0]!.where]],
    );
  });
});

describe('the measurements that are kept', () => {
  it('outlive kill -9: what was written is not measured again, and the result is the same', async (t) => {
    const [folder, cache] = [await temporaryFolder(t), await temporaryFolder(t)];
    const count = 1500;
    const data = await writeImages(folder, count);
    const measurer = fileURLToPath(new URL('../prediction/measurer.ts', import.meta.url));
    const child = spawn(process.execPath, [measurer, model.folder, data, cache], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    for await (const line of createInterface(child.stdout)) {
      if (Number(line) === 300) child.kill('SIGKILL');
    }
    const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
    assert.equal(signal, 'SIGKILL', 'the measurer ended by itself');
    const kept = (await readFile(await cacheFile(cache), 'utf8')).split('\n').length - 1;
    t.diagnostic(`${kept} of ${count} measurements were written`);
    assert.ok(kept > 0 && kept < count, `${kept} lines`);

    const { images } = await openHashed(data, model);
    const whole = await measureDataset(engine, model, images, procedure);
    const again = counting();
    const resumed = await measureDataset(again.engine, model, images, procedure, { cache });
    assert.deepEqual(resumed, whole);
    assert.equal(again.asked(), count - kept);
    const third = counting();
    assert.deepEqual(await measureDataset(third.engine, model, images, procedure, { cache }), whole);
    assert.equal(third.asked(), 0);
  });

  it('lose a torn last line and no other', async (t) => {
    const [folder, cache] = [await temporaryFolder(t), await temporaryFolder(t)];
    const { images } = await openHashed(await writeImages(folder, 3), model);
    const whole = await measureDataset(engine, model, images, procedure, { cache });
    const file = await cacheFile(cache);
    const text = await readFile(file, 'latin1');
    // Only its end of line is missing, then also the half of it, then a line that is no measurement follows.
    for (const [torn, missing] of [
      [text.slice(0, -1), 1],
      [text.slice(0, -100), 1],
      [`${text}{"hash":`, 0],
      [`${text}\0\0\0\0\n`, 0],
    ] as const) {
      await writeFile(file, torn, 'latin1');
      const again = counting();
      assert.deepEqual(await measureDataset(again.engine, model, images, procedure, { cache }), whole);
      assert.equal(again.asked(), missing);
      assert.deepEqual((await readFile(file, 'latin1')).split('\n').sort(), text.split('\n').sort());
    }
  });

  it('are for one model, plan, threshold and family alone', () => {
    const ids = [
      procedureId('sha256:a', procedure, null),
      procedureId('sha256:b', procedure, null),
      procedureId('sha256:a', { ...procedure, threshold: 0.5 }, null),
      procedureId('sha256:a', { ...procedure, threshold: [0.5, 0.6] }, null),
      procedureId('sha256:a', { ...procedure, threshold: Infinity }, null),
      procedureId('sha256:a', { ...procedure, plan: { ...procedure.plan, step: 1e-3 } }, null),
      procedureId('sha256:a', procedure, defaultFamily(false)),
      procedureId('sha256:a', procedure, defaultFamily(true)),
    ];
    assert.equal(new Set(ids).size, ids.length);
    const { plan, threshold } = procedure;
    const reordered = Object.fromEntries(Object.entries(plan).reverse()) as typeof plan;
    assert.equal(procedureId('sha256:a', { threshold, plan: reordered }, null), ids[0]);
  });
});
