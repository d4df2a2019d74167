/**
 * Writes the exact sensitivities that decisions are held against: `bench/oracle-<model>.json`.
 *
 *     node bench/oracle.ts models/fashion-mnist <t10k-images-idx3-ubyte[.gz]> [clean] [per shift]
 *
 * 1,400 test images as they are and 100 under each of six shifts unless told otherwise, 1 + 2D forward passes
 * each: about half a second an image on two cores. The file that is committed was made so.
 */
import { writeFile } from 'node:fs/promises';
import { type Shift, shiftPixels, SHIFT_NAMES } from '../src/dataset/shifts.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { openSession } from '../src/model/session.ts';
import { exactSensitivity } from '../src/numerics/jacobian/exact.ts';
import { runMeasurement } from '../src/numerics/jacobian/measurement-steps.ts';

const [folder, data, cleanCount = '1400', shiftedCount = '100'] = process.argv.slice(2);
if (!folder || !data)
  throw new Error('usage: node bench/oracle.ts <model folder> <test images> [clean] [per shift]');
const CLEAN = Number(cleanCount);
const PER_SHIFT = Number(shiftedCount);
const model = await loadModel(folder);
const images = await readIdxImages(data);
const preprocess = createPreprocess(model.manifest);
const session = await openSession(model, { threads: 2 });

const wanted: { shift: Shift | null; index: number }[] = [
  ...Array.from({ length: CLEAN }, (_, index) => ({ shift: null, index })),
  ...SHIFT_NAMES.flatMap((shift, s) =>
    Array.from({ length: PER_SHIFT }, (_, i) => ({ shift, index: CLEAN + s * PER_SHIFT + i })),
  ),
];
const norms: (number | string | null)[][] = [];
const began = performance.now();
for (const { shift, index } of wanted) {
  const plain = images.pixels(index);
  const pixels = shift === null ? plain : shiftPixels(plain, model.shape, shift, index);
  const { sensitivity } = await runMeasurement(
    exactSensitivity(preprocess(pixels)),
    session.classify,
    model.dimension,
  );
  norms.push([shift, index, Number(sensitivity.toPrecision(9))]);
  if (norms.length % 100 === 0) {
    const left = ((performance.now() - began) / norms.length) * (wanted.length - norms.length);
    console.log(`${norms.length}/${wanted.length}, ${Math.round(left / 1000)} s left`);
  }
}
await session.release();
const rows = norms.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
const path = `bench/oracle-${model.manifest.name}.json`;
await writeFile(path, `{\n  "digest": "${model.digest}",\n  "norms": [\n${rows}\n  ]\n}\n`);
console.log(`wrote ${path}`);
