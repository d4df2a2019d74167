import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { withoutMetadata } from '../../src/images/without-metadata.ts';
import { imageTypeOf } from '../../src/model/image-type.ts';
import { readOrientation } from '../../src/model/orientation.ts';
import { createUniform } from '../../src/numerics/random.ts';
import { cleanImage, givenImages, wholeImage } from '../../src/prediction/clean-image.ts';
import { pngChunk } from '../../support/png-chunk.ts';
import { needsSharedData, sharedData } from '../../support/shared-data.ts';

const SECRET = 'Ada Lovelace, 12 St James Square';
const GPS = { IFD3: { GPSLatitude: '51/1 30/1 0/1', GPSLatitudeRef: 'N' } };

/** Noise over a gradient: no two pixels alike, so that none can be exchanged unseen. */
function picture(): Sharp {
  const [width, height] = [61, 43];
  const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
  const pixels = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => ((i / 3) % width) * 3 + uniform() * 60,
  );
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const personal = (image: Sharp, orientation: number): Sharp =>
  image
    .withMetadata({ orientation })
    .withExifMerge({ IFD0: { Artist: SECRET, ImageDescription: SECRET }, ...GPS })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/"><author>${SECRET}</author></x:xmpmeta>`)
    .withIccProfile('p3');

const jpegSegment = (code: number, text: string): Buffer =>
  Buffer.concat([Buffer.from([0xff, code, 0, text.length + 2]), Buffer.from(text, 'latin1')]);

function webpChunk(type: string, text: string): Buffer {
  const chunk = Buffer.from(`${type}\0\0\0\0${text}${text.length % 2 === 1 ? '\0' : ''}`, 'latin1');
  chunk.writeUInt32LE(text.length, 4);
  return chunk;
}

/** Puts bytes at a place. */
const insert = (file: Buffer, at: number, ...added: Buffer[]): Buffer =>
  Buffer.concat([file.subarray(0, at), ...added, file.subarray(at)]);

/** All places in which a JPEG has metadata: before, between and behind the scans, and behind its end. */
function withSegments(jpeg: Buffer): Buffer {
  const codes = [...Array.from({ length: 15 }, (_, i) => 0xe1 + i), 0xfe, 0xf0, 0xfd];
  const everywhere = codes
    .filter((code) => code !== 0xee && code !== 0xe0)
    .map((code) => jpegSegment(code, code === 0xe2 ? `MPF\0${SECRET}` : SECRET));
  const app0 = [jpegSegment(0xe0, `JFXX\0\x10${SECRET}`), jpegSegment(0xfe, SECRET)];
  const scans = [...jpeg.entries()].flatMap(([i, byte]) =>
    byte === 0xff && jpeg[i + 1] === 0xda && i > 200 ? [i] : [],
  );
  let file = insert(jpeg, 2, ...app0, ...everywhere.slice(0, -2));
  const added = file.length - jpeg.length;
  // Behind the first scan decoders read what stands before the next one as they read a header.
  if (scans.length > 1) file = insert(file, scans.at(-1)! + added, jpegSegment(0xfe, SECRET));
  return Buffer.concat([file, jpegSegment(0xe1, SECRET), Buffer.from(SECRET)]);
}

function withChunks(png: Buffer): Buffer {
  const afterHeader = 8 + 25;
  const end = png.indexOf('IEND') - 4;
  const texts = ['tEXt', 'zTXt', 'iTXt', 'prVt'].map((type) =>
    pngChunk(type, Buffer.from(`Comment\0${SECRET}`)),
  );
  return Buffer.concat([
    insert(
      insert(png, end, ...texts),
      afterHeader,
      pngChunk('tIME', Buffer.from(SECRET.slice(0, 7))),
      ...texts,
    ),
    Buffer.from(SECRET),
  ]);
}

function withWebpChunks(webp: Buffer): Buffer {
  const file = Buffer.concat([webp, webpChunk('PRVT', SECRET), webpChunk('XMP ', SECRET)]);
  file.writeUInt32LE(file.length - 8, 4);
  return Buffer.concat([file, Buffer.from(SECRET)]);
}

async function files(orientation: number): Promise<Map<string, Buffer>> {
  const image = () => personal(picture(), orientation);
  return new Map([
    ['JPEG', withSegments(await image().jpeg({ quality: 90 }).toBuffer())],
    [
      'JPEG, 4:4:4, gray',
      withSegments(await image().grayscale().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()),
    ],
    ['progressive JPEG', withSegments(await image().jpeg({ progressive: true }).toBuffer())],
    ['CMYK JPEG', withSegments(await image().toColourspace('cmyk').jpeg().toBuffer())],
    ['PNG', withChunks(await image().png().toBuffer())],
    ['PNG with a palette', withChunks(await image().png({ palette: true }).toBuffer())],
    ['interlaced PNG', withChunks(await image().ensureAlpha(0.5).png({ progressive: true }).toBuffer())],
    ['WebP', withWebpChunks(await image().webp().toBuffer())],
    ['lossless WebP', withWebpChunks(await image().ensureAlpha(0.5).webp({ lossless: true }).toBuffer())],
  ]);
}

/** What a decoder makes of the file: pixels, or a refusal. */
async function pixelsOf(bytes: Uint8Array): Promise<string> {
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated' })
      .autoOrient()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return `${info.width} ${info.height} ${info.channels} ${data.toString('base64')}`;
  } catch {
    return 'refused';
  }
}

async function clean(bytes: Buffer): Promise<Buffer> {
  const file = await withoutMetadata({ bytes, contentType: imageTypeOf(bytes)! }, readOrientation);
  return Buffer.from(file.bytes);
}

describe('an image without metadata', () => {
  for (const orientation of [1, 3, 6, 8]) {
    it(`has the same pixels and nothing of a person, turned by orientation ${orientation}`, async () => {
      for (const [name, file] of await files(orientation)) {
        assert.ok(file.includes(SECRET), name);
        const cleaned = await clean(file);
        assert.equal(await pixelsOf(cleaned), await pixelsOf(file), name);
        assert.ok(!cleaned.includes('Lovelace'), name);
        const { exif, xmp, iptc, icc, orientation: kept } = await sharp(cleaned).metadata();
        assert.deepEqual([xmp, iptc], [undefined, undefined], name);
        assert.equal(kept ?? 1, orientation, name);
        if (orientation === 1) assert.equal(exif, undefined, name);
        else assert.ok(exif!.length <= 40, `${name} has ${exif!.length} bytes of Exif`);
        assert.ok(icc, name);
        assert.deepEqual(await clean(cleaned), cleaned, `${name} a second time`);
      }
    });
  }

  it('is the very file where that has nothing else', async () => {
    for (const file of [
      await picture().jpeg().toBuffer(),
      await picture().png().toBuffer(),
      await picture().webp().toBuffer(),
    ]) {
      const image = { bytes: file, contentType: imageTypeOf(file)! };
      assert.equal(await withoutMetadata(image, readOrientation), image);
    }
  });

  it('leaves alone what is no image', async () => {
    for (const text of ['', 'R', 'RIFF', 'no image at all', '\x89PNG\r\n\x1a\n', '\xff\xd8\xff']) {
      const bytes = Buffer.from(text, 'latin1');
      for (const contentType of ['image/jpeg', 'image/png', 'image/webp', 'text/plain']) {
        const { bytes: kept } = await withoutMetadata({ bytes, contentType }, readOrientation);
        assert.ok(kept.length <= bytes.length, text);
      }
    }
  });

  it('has the pixels, or the refusal, of the file before, however that was damaged', async () => {
    const uniform = createUniform(Uint32Array.of(5, 6, 7, 8));
    let decoded = 0;
    for (const [name, file] of await files(6)) {
      for (let i = 0; i < 60; i++) {
        const damaged = damage(file, uniform);
        if (imageTypeOf(damaged) === null) continue;
        const before = await pixelsOf(damaged);
        if (before === 'refused') continue;
        decoded++;
        assert.equal(await pixelsOf(await clean(damaged)), before, `${name}, damage ${i}`);
      }
    }
    assert.ok(decoded >= 100, `${decoded} damaged files were decoded`);
  });

  it('has the pixels of every photograph and of every broken file of others', needsSharedData, async () => {
    let images = 0;
    for (const entry of readdirSync(sharedData!, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith('.onnx')) continue;
      const path = join(entry.parentPath, entry.name);
      const file = readFileSync(path);
      if (imageTypeOf(file) === null) continue;
      const before = await pixelsOf(file);
      if (before !== 'refused') assert.equal(await pixelsOf(await clean(file)), before, path);
      images++;
    }
    assert.ok(images > 0);
  });
});

describe('the images that are given', () => {
  it('are clean where they were stored as they came, and whole where that is asked for', async () => {
    const bytes = (await files(6)).get('JPEG')!;
    const stored = {
      size: () => Promise.resolve(bytes.byteLength),
      get: (id: string) => Promise.resolve(id === 'a' ? { bytes, contentType: 'image/jpeg' } : null),
    };
    const given = await givenImages(stored, cleanImage).get('a');
    assert.ok(!Buffer.from(given!.bytes).includes('Lovelace'));
    assert.equal((await givenImages(stored, wholeImage).get('a'))!.bytes, bytes);
    assert.equal(await givenImages(stored, cleanImage).get('b'), null);
  });
});

/** Zeros, lost bytes, one other byte, or an end that is missing, anywhere. */
function damage(file: Buffer, uniform: () => number): Buffer {
  const at = 2 + Math.floor(uniform() * (file.length - 2));
  const some = 1 + Math.floor(uniform() * 64);
  switch (Math.floor(uniform() * 4)) {
    case 0:
      return Buffer.from(file).fill(0, at, Math.min(file.length, at + some));
    case 1:
      return Buffer.concat([file.subarray(0, at), file.subarray(at + some)]);
    case 2:
      return Buffer.from(file).fill(Math.floor(uniform() * 256), at, at + 1);
    default:
      return insert(file, at, Buffer.from([0xff, Math.floor(uniform() * 256)]));
  }
}
