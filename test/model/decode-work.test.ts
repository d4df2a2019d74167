import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { createDecode } from '../../src/model/decode.ts';
import { decodeWork, MOST_DECODE_BYTES } from '../../src/model/decode-work.ts';
import { ImageError } from '../../src/model/image-error.ts';
import { readImageHeader } from '../../src/model/image-header.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { grayManifest } from '../../support/onnx-graph.ts';
import { PNG_SIGNATURE, pngChunk } from '../../support/png-chunk.ts';

const MAX_PIXELS = 50_000_000;
const stretched = grayManifest(28, 28, ['a', 'b']);
const cropped: Manifest = {
  ...stretched,
  input: { ...stretched.input, resize: { rule: 'short_side', length: 256, kernel: 'linear' } },
};

/** A PNG by what its header says. Its pixels are those of the first row alone: a look at them would fail. */
function pngOf(
  width: number,
  height: number,
  { depth = 8, colour = 0, interlaced = false, others = [] as Buffer[] } = {},
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, interlaced ? 1 : 0], 8);
  return Buffer.concat([
    PNG_SIGNATURE,
    ...[pngChunk('IHDR', header), ...others],
    ...[pngChunk('IDAT', deflateSync(Buffer.alloc(width + 1))), pngChunk('IEND', Buffer.alloc(0))],
  ]);
}

const workOf = (bytes: Uint8Array, manifest = stretched) =>
  decodeWork(readImageHeader(bytes), bytes.length, manifest);

const flat = (width: number, height: number, channels: 3 | 4 = 3) =>
  sharp({ create: { width, height, channels, background: { r: 120, g: 60, b: 200, alpha: 0.5 } } });

async function refusalOf(manifest: Manifest, bytes: Uint8Array): Promise<ImageError> {
  const attempt = createDecode(manifest, MAX_PIXELS)(bytes);
  const error = await attempt.then(
    () => assert.fail('it was accepted'),
    (refusal: unknown) => refusal,
  );
  assert.ok(error instanceof ImageError, String(error));
  return error;
}

describe('an image that the model crops after resizing', () => {
  for (const [width, height] of [
    [1, 300_000],
    [300_000, 1],
    [2, 900_000],
  ] as const) {
    it(`is refused at ${width} × ${height} for what it would become, before anything is made of it`, async () => {
      const error = await refusalOf(cropped, pngOf(width, height));
      assert.equal(error.code, 'image_too_large');
      const longer = (256 * Math.max(width, height)) / Math.min(width, height);
      assert.match(error.message, new RegExp(`${width} × ${height} becomes 256 × ${longer}\\.`));
    });
  }

  it('may be as long as its resized pixels allow', async () => {
    const bytes = await flat(3, 600).png().toBuffer();
    assert.equal((await createDecode(cropped, MAX_PIXELS)(bytes)).pixels.length, 28 * 28);
  });

  it('is taken at any proportions by the rules that keep or stretch all of it', async () => {
    const bytes = await flat(1, 60_000).png().toBuffer();
    assert.equal((await createDecode(stretched, MAX_PIXELS)(bytes)).pixels.length, 28 * 28);
  });
});

describe('an image of more pixels than may be', () => {
  it('is told its own sides', async () => {
    const error = await refusalOf(stretched, pngOf(10_000, 5_001));
    assert.equal(error.code, 'image_too_large');
    assert.match(error.message, /at most 50000000 pixels, got 10000 × 5001/);
  });
});

describe('an image that takes too much memory', () => {
  for (const [name, bytes] of [
    ['very wide and deep', pngOf(900_000, 50, { depth: 16, colour: 6, interlaced: true })],
    ['very wide', pngOf(900_000, 50, { colour: 6 })],
  ] as const) {
    it(`is refused where it is ${name}`, async () => {
      const error = await refusalOf(stretched, bytes);
      assert.equal(error.code, 'image_too_costly');
      assert.match(error.message, /at most 512 MiB/);
    });
  }

  it('is not one of fifty million pixels, whatever its format', () => {
    const wide = 7071;
    for (const deep of [8, 16]) {
      const png = pngOf(wide, wide, { depth: deep, colour: 6, interlaced: true });
      assert.ok(workOf(png).bytes < MOST_DECODE_BYTES, `${deep} bit`);
    }
  });
});

describe('readImageHeader', () => {
  it('reads the sides of what encoders write', async () => {
    for (const [name, bytes] of [
      ['PNG', await flat(300, 200).png().toBuffer()],
      ['interlaced PNG', await flat(300, 200).png({ progressive: true }).toBuffer()],
      ['JPEG', await flat(300, 200).jpeg().toBuffer()],
      ['progressive JPEG', await flat(300, 200).jpeg({ progressive: true }).toBuffer()],
      ['JPEG with Exif', await flat(300, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer()],
      ['WebP', await flat(300, 200).webp().toBuffer()],
      ['WebP with transparency', await flat(300, 200, 4).webp().toBuffer()],
      ['lossless WebP', await flat(300, 200).webp({ lossless: true }).toBuffer()],
      ['WebP with Exif', await flat(300, 200).withMetadata({ orientation: 6 }).webp().toBuffer()],
    ] as const) {
      const header = readImageHeader(bytes);
      assert.deepEqual([header?.width, header?.height], [300, 200], name);
    }
  });

  it('knows what is made whole: interlaced PNG, progressive JPEG, WebP', async () => {
    const held = (bytes: Uint8Array): number => readImageHeader(bytes)!.heldPerPixel;
    assert.equal(held(pngOf(9, 9, { depth: 16, colour: 6, interlaced: true })), 8);
    assert.equal(held(pngOf(9, 9, { depth: 16, colour: 6 })), 0);
    assert.equal(
      held(await flat(64, 64).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer()),
      6,
    );
    assert.equal(held(await flat(64, 64).jpeg({ progressive: true }).toBuffer()), 3);
    assert.equal(held(await flat(64, 64).jpeg().toBuffer()), 0);
    assert.ok(held(await flat(64, 64).webp().toBuffer()) >= 8);
  });

  it('knows nothing of what breaks off within its header', () => {
    const [png, jpeg] = [pngOf(9, 9), Buffer.from('ffd8ffe000104a464946', 'hex')];
    for (const bytes of [png.subarray(0, 20), jpeg, Buffer.from('RIFF....WEBPVP8 ', 'latin1')]) {
      assert.equal(readImageHeader(bytes), null);
    }
  });
});

describe('a cheap image', () => {
  it('is a small one, as most models take', async () => {
    for (const bytes of [
      await flat(28, 28).png().toBuffer(),
      await flat(224, 224).jpeg().toBuffer(),
      await flat(256, 256).webp().toBuffer(),
      await flat(100, 100).webp({ lossless: true }).toBuffer(),
    ]) {
      assert.equal(workOf(bytes).cheap, true);
    }
  });

  it('is none that the model makes long before it crops it', async () => {
    assert.equal(workOf(pngOf(256, 200), cropped).cheap, true);
    for (const bytes of [pngOf(64, 1000), await flat(1000, 64).jpeg().toBuffer()]) {
      assert.deepEqual([workOf(bytes).cheap, workOf(bytes, cropped).cheap], [true, false]);
    }
  });

  it('is none whose few bytes or sides hide work', async () => {
    const scans = await flat(250, 200).jpeg({ progressive: true }).toBuffer();
    const ofScans = Buffer.concat([scans, ...Array.from({ length: 50 }, () => Buffer.of(0xff, 0xda))]);
    const text = pngChunk('zTXt', Buffer.alloc(50_000));
    for (const [name, bytes] of [
      ['large', pngOf(7000, 7000)],
      ['a photograph', await flat(640, 480).jpeg().toBuffer()],
      ['thin: 60,000 rows take longer than 250', pngOf(1, 60_000)],
      ['wide', pngOf(60_000, 1)],
      ['many scans', ofScans],
      ['deflated text', pngOf(28, 28, { others: [text] })],
      [
        'many chunks',
        pngOf(28, 28, { others: Array.from({ length: 25_000 }, () => pngChunk('tEXt', Buffer.alloc(9))) }),
      ],
      ['lossless WebP', await flat(400, 400).webp({ lossless: true }).toBuffer()],
      ['a long file', Buffer.concat([pngOf(28, 28), Buffer.alloc(2_000_000)])],
    ] as const) {
      assert.equal(workOf(bytes).cheap, false, name);
    }
  });
});

describe('an image without a header', () => {
  const junk = Buffer.alloc(100_000, 0x55);
  const riff = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  for (const [name, bytes, code] of [
    ['PNG that begins with another chunk', Buffer.concat([PNG_SIGNATURE, junk]), 'unreadable_image'],
    ['PNG of a colour type that there is not', pngOf(9, 9, { colour: 5 }), 'unreadable_image'],
    ['PNG that breaks off', pngOf(9, 9).subarray(0, 20), 'truncated_image'],
    ['JPEG without pixels', Buffer.concat([Buffer.of(0xff, 0xd8, 0xff), junk]), 'truncated_image'],
    [
      'JPEG whose pixels come first',
      Buffer.concat([Buffer.from('ffd8ffda000c03', 'hex'), junk]),
      'unreadable_image',
    ],
    ['WebP of no known kind', Buffer.concat([riff, junk]), 'unreadable_image'],
    ['WebP that breaks off', riff, 'truncated_image'],
  ] as const) {
    it(`takes no work to refuse: a ${name}`, async () => {
      assert.equal(readImageHeader(bytes), null);
      assert.deepEqual(workOf(bytes), { bytes: 0, pixels: 0, cheap: true });
      const error = await refusalOf(stretched, bytes);
      assert.equal(error.code, code);
      assert.match(error.message, /header/);
    });
  }
});
