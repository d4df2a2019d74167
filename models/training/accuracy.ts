/**
 * Measures a shipped model's accuracy on its test split with ONNX Runtime.
 *
 *     node models/training/accuracy.ts models/fashion-mnist <t10k-images-idx3-ubyte[.gz]> [--write]
 *
 * `--write` puts the figure into model.json.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { loadModel } from '../../src/model/load.ts';
import { readIdxImages } from '../../src/model/idx.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { openSession } from '../../src/model/session.ts';
import { argmax } from '../../src/numerics/jacobian/softmax.ts';

const [folder, data, flag] = process.argv.slice(2);
if (!folder || !data)
  throw new Error('usage: node models/training/accuracy.ts <model folder> <test images> [--write]');

const model = await loadModel(folder);
const images = await readIdxImages(data);
const preprocess = createPreprocess(model.manifest);
const session = await openSession(model, { threads: 2 });
const BATCH = 100;
let right = 0;
for (let from = 0; from < images.count; from += BATCH) {
  const rows = Math.min(BATCH, images.count - from);
  const inputs = new Float32Array(rows * model.dimension);
  for (let i = 0; i < rows; i++) inputs.set(preprocess(images.pixels(from + i)).values, i * model.dimension);
  const logits = await session.classify(inputs, rows);
  for (let i = 0; i < rows; i++) {
    const predicted = argmax(logits.subarray(i * model.classes, (i + 1) * model.classes));
    if (predicted === images.classOf(from + i)) right++;
  }
}
await session.release();
const value = right / images.count;
console.log(`${folder}: ${right} of ${images.count} right, accuracy ${value}`);
if (flag === '--write') {
  const path = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  const accuracy = {
    value,
    images: images.count,
    split: 'test',
    command: `node models/training/accuracy.ts ${folder} ${data.startsWith('/') ? '<folder of the data>/' + data.split('/').at(-1)! : relative('.', data)}`,
  };
  await writeFile(path, `${JSON.stringify({ ...manifest, accuracy }, null, 2)}\n`);
}
