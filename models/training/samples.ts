/**
 * Writes the first images of each class in the test file as PNG, in the file's order:
 * `samples/<label>/<index>.png`.
 *
 *     node models/training/samples.ts models/fashion-mnist <t10k-images-idx3-ubyte[.gz]>
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { readIdxImages } from '../../src/model/idx.ts';
import { readManifest } from '../../src/model/manifest.ts';

const PER_CLASS = 25;

const [folder, data] = process.argv.slice(2);
if (!folder || !data) throw new Error('usage: node models/training/samples.ts <model folder> <test images>');
const { labels } = await readManifest(join(folder, 'model.json'));
const { count, width, height, pixels, classOf } = await readIdxImages(data);
const out = join(folder, 'samples');
await rm(out, { recursive: true, force: true });
const written = labels.map(() => 0);
for (let index = 0; index < count; index++) {
  const label = classOf(index);
  if (written[label]! >= PER_CLASS) continue;
  written[label]!++;
  const place = join(out, labels[label]!.replaceAll('/', '-'));
  await mkdir(place, { recursive: true });
  await sharp(pixels(index), { raw: { width, height, channels: 1 } })
    .png({ compressionLevel: 9 })
    .toFile(join(place, `${String(index).padStart(5, '0')}.png`));
}
console.log(`${out}: ${written.reduce((sum, n) => sum + n)} images`);
