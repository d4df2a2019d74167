/**
 * How many engine processes, and how many threads in each? Gated images a second for every division of the
 * cores, of a small model and of a large one, and the time of one image alone.
 */
import { join } from 'node:path';
import { readGate } from '../src/gate/read-gate.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel, type Model } from '../src/model/load.ts';
import { createDecode } from '../src/model/decode.ts';
import { procedureOf, type Procedure } from '../src/prediction/measure-input.ts';
import { procedureFor, measureAll } from '../bench/procedure.ts';
import {
  check,
  describeMachine,
  median,
  mobileNet,
  openEngine,
  photographs,
  raw,
  result,
  root,
  short,
  threads,
} from '../bench/harness.ts';

const ROUNDS = short ? 1 : 5;
const IMAGES = short ? 128 : 1024;
const PHOTOGRAPHS = 64;
const ALONE = 20;

const divisions = [1, 2, 4]
  .filter((processes) => processes <= threads)
  .map((processes) => ({ processes, threads: Math.floor(threads / processes) }));

async function compare(model: Model, images: readonly Uint8Array[], procedure: Procedure): Promise<void> {
  const speeds: number[][] = divisions.map(() => []);
  const alone: number[][] = divisions.map(() => []);
  let expected: number[] | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, division] of divisions.entries()) {
      const engine = await openEngine(model, division);
      await measureAll(engine, model, images.slice(0, 64), procedure);
      const began = performance.now();
      const measured = await measureAll(engine, model, images, procedure);
      speeds[place]!.push((1000 * images.length) / (performance.now() - began));
      const values = measured.map(({ sensitivity }) => sensitivity);
      expected ??= values;
      check(
        values.every((value, i) => value === expected![i]),
        'a sensitivity depends on the division',
      );
      const times: number[] = [];
      for (const image of images.slice(0, ALONE)) {
        const start = performance.now();
        await measureAll(engine, model, [image], procedure);
        times.push(performance.now() - start);
      }
      alone[place]!.push(median(times));
      engine.close();
    }
  }
  for (const [place, division] of divisions.entries()) {
    const name = `${model.manifest.name}, ${division.processes} × ${division.threads} threads`;
    raw(`${name}, images/s`, speeds[place]!);
    raw(`${name}, ms for one image alone`, alone[place]!);
    const toFirst = (of: readonly number[][]): number =>
      median(of[place]!.map((value, i) => value / of[0]![i]!));
    result('processes', {
      model: model.manifest.name,
      ...division,
      throughput_to_first: toFirst(speeds),
      time_alone_to_first: toFirst(alone),
    });
  }
}

describeMachine();
const folder = join(root, 'models/fashion-mnist');
const model = await loadModel(folder);
const idx = await readIdxImages(join(folder, 'test-split/t10k-images-idx3-ubyte.gz'));
await compare(
  model,
  Array.from({ length: IMAGES }, (_, i) => idx.pixels(i)),
  procedureOf(await readGate(join(folder, 'gate.json'), model.digest)),
);

const mobile = short ? null : await mobileNet();
if (mobile === null) {
  console.log('left out: MobileNetV2, which is not beside this checkout or not for the short form');
} else {
  const decode = createDecode(mobile.manifest, 50_000_000);
  const pixels = await Promise.all((await photographs()).map(async (bytes) => (await decode(bytes)).pixels));
  const engine = await openEngine(mobile);
  const procedure = await procedureFor(engine, mobile, pixels, 0.9);
  engine.close();
  await compare(mobile, pixels.slice(0, PHOTOGRAPHS), procedure);
}
