/** How many engine processes, and how many threads in each? Gated images a second for every division of the cores. */
import { join } from 'node:path';
import { readGate } from '../src/gate/gate.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel } from '../src/model/load.ts';
import { courseOf } from '../src/prediction/measure.ts';
import { measureAll } from './course.ts';
import { check, describeMachine, median, openEngine, raw, result, root, short, threads } from './harness.ts';

const ROUNDS = short ? 1 : 5;
const IMAGES = short ? 128 : 1024;

describeMachine();
const folder = join(root, 'models/fashion-mnist');
const model = await loadModel(folder);
const course = courseOf(await readGate(join(folder, 'gate.json'), model.digest));
const idx = await readIdxImages(join(folder, 'test-split/t10k-images-idx3-ubyte.gz'));
const images = Array.from({ length: IMAGES }, (_, i) => idx.pixels(i));

const divisions = [1, 2, 4]
  .filter((processes) => processes <= threads)
  .map((processes) => ({ processes, threads: Math.floor(threads / processes) }));
const speeds: number[][] = divisions.map(() => []);
let expected: number[] | null = null;
for (let round = 0; round < ROUNDS; round++) {
  for (const [place, division] of divisions.entries()) {
    const engine = await openEngine(model, division);
    await measureAll(engine, model, images.slice(0, 64), course);
    const began = performance.now();
    const measured = await measureAll(engine, model, images, course);
    speeds[place]!.push((1000 * IMAGES) / (performance.now() - began));
    const values = measured.map(({ sensitivity }) => sensitivity);
    expected ??= values;
    check(
      values.every((value, i) => value === expected![i]),
      'a sensitivity depends on the division',
    );
    engine.close();
  }
}
for (const [place, division] of divisions.entries()) {
  raw(`${division.processes} × ${division.threads} threads, images/s`, speeds[place]!);
  result('processes', {
    ...division,
    ratio_to_first: median(speeds[place]!.map((speed, i) => speed / speeds[0]![i]!)),
  });
}
