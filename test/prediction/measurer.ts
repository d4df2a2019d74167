/**
 * A process to be killed: `node measurer.ts MODEL DATA CACHE` measures, and prints how many it has after each
 * image.
 */
import { writeSync } from 'node:fs';
import { loadModel } from '../../src/model/load.ts';
import { measureDataset } from '../../src/study/measuring/measure-dataset.ts';
import { startEngine } from '../engine/start-engine.ts';
import { procedure, openHashed } from '../study/measured-files.ts';

const [folder, data, cache] = process.argv.slice(2);
const model = await loadModel(folder!);
const { images } = await openHashed(data!, model);
const engine = startEngine(model);
await measureDataset(engine, model, images, procedure, {
  cache: cache!,
  onProgress: (done) => writeSync(1, `${done}\n`),
});
engine.close();
