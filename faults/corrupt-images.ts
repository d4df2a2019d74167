/**
 * Corrupt images: the collection of ../shared/data where it is there, and mutations of good PNG, JPEG and
 * WebP files; 200,000 of them, 50,000 in the short form, through the service's own decoder, and some through
 * HTTP as well.
 *
 *     node faults/run.ts corrupt-images
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { createDecode } from '../src/model/decode.ts';
import { ImageError } from '../src/model/image-error.ts';
import { loadModel } from '../src/model/load.ts';
import { sharedData } from '../support/shared-data.ts';
import { comparingHeld } from './resource-growth.ts';
import type { Predicted } from './client-log.ts';
import { attempt, check, long, pick, root, uniform } from './harness.ts';
import { sha256, uniqueImages } from './images.ts';
import { mutate } from './mutations.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { childrenOf } from './service.ts';

const MUTATIONS = long ? 200_000 : 50_000;
/** Of those, one in so many also goes through HTTP. */
const HTTP_EVERY = 50;
const MAX_PIXELS = 50_000_000;
const DECODES_WITHIN_MS = 20_000;
const REFUSALS: readonly number[] = [400, 413, 415, 422];

async function goodFiles(): Promise<Buffer[]> {
  const nth = await uniqueImages();
  const files: Buffer[] = [];
  for (let n = 0; n < 12; n++) {
    const { bytes } = nth(n);
    const large = sharp(bytes).resize(56, 48, { fit: 'fill' });
    files.push(
      bytes,
      await large.clone().png({ palette: true }).toBuffer(),
      await large.clone().toColourspace('srgb').png({ progressive: true }).toBuffer(),
      await large.clone().toColourspace('srgb').jpeg().toBuffer(),
      await large.clone().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
      await large.clone().webp({ lossless: true }).toBuffer(),
      await large.clone().webp({ quality: 60 }).toBuffer(),
    );
  }
  return files;
}

async function collection(): Promise<Buffer[]> {
  if (sharedData === null) return [];
  const folder = join(sharedData, 'corrupt-images');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile() && entry.parentPath !== folder)
      .map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}

const model = await loadModel(join(root, 'models/fashion-mnist'));
const decode = createDecode(model.manifest, MAX_PIXELS);

/** Pixels of the model's size, or the code of a refusal. Anything else is a fault. */
async function outcomeOf(bytes: Buffer): Promise<Uint8Array | string> {
  const began = performance.now();
  try {
    const { pixels } = await decode(bytes);
    check(
      pixels.length === model.dimension,
      `expected ${model.dimension} pixels, got ${pixels.length} from ${bytes.toString('base64')}`,
    );
    return pixels;
  } catch (error) {
    check(error instanceof ImageError, `${String(error)} from ${bytes.toString('base64')}`);
    return error.code;
  } finally {
    const took = performance.now() - began;
    check(took < DECODES_WITHIN_MS, `decoding took ${took} ms: ${bytes.toString('base64')}`);
  }
}

const TYPES = ['image/png', 'image/jpeg', 'image/webp'];

await attempt(async () => {
  const scene = await openScene();
  const service = await scene.start();
  const engine = await childrenOf(service.pid);
  const compare = await comparingHeld(service, scene.client);
  const good = await goodFiles();
  const collected = await collection();
  const codes = new Map<string, number>();
  const served: Predicted[] = [];
  let inputs = 0;

  const feed = async (bytes: Buffer, throughHttp: boolean): Promise<void> => {
    const outcome = await outcomeOf(bytes);
    inputs++;
    const code = typeof outcome === 'string' ? outcome : 'decoded';
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (!throughHttp) return;
    const pixelsHash = typeof outcome === 'string' ? '' : sha256(outcome);
    const image = { bytes, bytesHash: sha256(bytes), pixelsHash, label: 'Shirt' };
    const answer = await scene.client.send(image, TYPES[inputs % TYPES.length]!);
    served.push(answer);
    if (typeof outcome === 'string') {
      // Not the very code: libvips keeps one list of complaints for all that are decoded at a time, and
      // truncated and unreadable are told apart by it.
      check(
        REFUSALS.includes(answer.status),
        `the decoder says ${outcome}, the service answers ${answer.status} ${answer.code ?? ''}`,
      );
    } else {
      check(
        answer.status === 200 || answer.status === 202,
        `a decodable image is answered ${answer.status} ${answer.code ?? ''}`,
      );
    }
  };

  let fed = 0;
  const feeding = async (): Promise<void> => {
    while (fed < MUTATIONS) await feed(mutate(pick(good)), fed++ % HTTP_EVERY === 0);
  };
  for (const bytes of collected) await feed(bytes, true);
  // The collection's own, mutated further: they reach odder places.
  for (const bytes of collected)
    for (let i = 0; i < (long ? 50 : 5); i++) await feed(mutate(bytes), uniform() < 0.02);
  await Promise.all(Array.from({ length: 8 }, feeding));

  check(
    JSON.stringify(await childrenOf(service.pid)) === JSON.stringify(engine),
    'an image ended an engine process',
  );
  check(service.errors.length === 0, `the service logged errors: ${service.errors[0] ?? ''}`);
  const held = await compare();
  await service.stop();
  const kinds = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${count} ${code}`);
  survived({
    fault: 'corrupt images',
    done:
      `${inputs} inputs, ${served.length} of them through HTTP` +
      (collected.length === 0
        ? '; the collection of ../shared/data is not there'
        : `; ${collected.length} files collected by others`),
    found: await scene.examine(),
    note: `${kinds.join(', ')}; ${held}`,
  });
});
