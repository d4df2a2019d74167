import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { root } from './harness.ts';
import { PNG_SIGNATURE, pngChunk } from '../support/png-chunk.ts';

const SIDE = 28;

export interface Image {
  readonly bytes: Buffer;
  /** SHA-256 of `bytes`, hex. */
  readonly bytesHash: string;
  /** SHA-256 of the 28 × 28 gray values, hex: what the service records as the input's hash. */
  readonly pixelsHash: string;
  /** What it shows. */
  readonly label: string;
}

/** Makes the image of a number: no two numbers give the same pixels. */
export type NthImage = (n: number) => Image;

/**
 * Test images of the default model, each made unlike all others by three low bits of the eight pixels in its
 * first row, so that one request can be told from another in the database.
 */
export async function uniqueImages(): Promise<NthImage> {
  const samples = join(root, 'models/fashion-mnist/samples');
  const bases: { readonly label: string; readonly values: Buffer }[] = [];
  for (const label of (await readdir(samples)).sort()) {
    for (const file of (await readdir(join(samples, label))).sort().slice(0, 20)) {
      const bytes = await readFile(join(samples, label, file));
      bases.push({ label, values: await sharp(bytes).toColourspace('b-w').raw().toBuffer() });
    }
  }
  return (n) => {
    // A step that is prime to the number of images mixes the classes.
    const { label, values } = bases[(n * 37) % bases.length]!;
    const pixels = Buffer.from(values);
    for (let i = 0; i < 8; i++) pixels[i] = (pixels[i]! & 0xf8) | ((n >> (3 * i)) & 7);
    const bytes = grayPng(pixels, SIDE, SIDE);
    return { bytes, bytesHash: sha256(bytes), pixelsHash: sha256(pixels), label };
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A PNG of 8-bit gray values, row-major. */
export function grayPng(values: Uint8Array, width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(values.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows, { level: 1 })),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}
