import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { createDecode } from '../../src/model/decode.ts';
import { ImageError, type ImageErrorCode } from '../../src/model/image-error.ts';
import { imageTypeOf } from '../../src/model/image-type.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import { grayManifest } from '../../support/onnx-graph.ts';

const MAX_PIXELS = 1_000_000;

function manifest(height: number, width: number, input: Partial<Manifest['input']>): Manifest {
  const base = grayManifest(height, width, ['a', 'b']);
  return { ...base, input: { ...base.input, ...input } };
}
const rgb = { shape: ['n', 3, 2, 2], channels: 'rgb', mean: [0, 0, 0], std: [1, 1, 1] } satisfies Partial<
  Manifest['input']
>;

const png = (values: number[], width: number, height: number, channels: 1 | 2 | 3 | 4): Promise<Buffer> =>
  sharp(Uint8Array.from(values), { raw: { width, height, channels } }).png().toBuffer();

async function codeOf(attempt: Promise<unknown>): Promise<ImageErrorCode> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof ImageError, String(error));
    return error.code;
  }
  return assert.fail('it was accepted');
}

describe('createDecode', () => {
  const gray = createDecode(manifest(2, 2, {}), MAX_PIXELS);

  it('gives the very pixels of a gray PNG of the right size', async () => {
    assert.deepEqual([...(await gray(await png([0, 50, 100, 255], 2, 2, 1))).pixels], [0, 50, 100, 255]);
  });

  it('gives interleaved RGB for a colour model, also from a gray image', async () => {
    const colour = createDecode(manifest(2, 2, rgb), MAX_PIXELS);
    assert.deepEqual(
      [...(await colour(await png([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], 2, 2, 3))).pixels],
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    );
    assert.deepEqual(
      [...(await colour(await png([7, 8, 9, 10], 2, 2, 1))).pixels],
      [7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10],
    );
  });

  it('puts the background behind transparent pixels', async () => {
    const decode = createDecode(manifest(1, 2, { background: 200 }), MAX_PIXELS);
    assert.deepEqual([...(await decode(await png([10, 0, 10, 255], 2, 1, 2))).pixels], [200, 10]);
  });

  it('reads 16-bit PNG as 8 bit', async () => {
    const deep = await sharp(Uint16Array.of(0, 65535), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const decode = createDecode(manifest(1, 2, {}), MAX_PIXELS);
    assert.deepEqual([...(await decode(deep)).pixels], [0, 255]);
  });

  it('turns an image upright by its EXIF orientation', async () => {
    // Orientation 3 is upside down; lossless WebP keeps the values.
    const turned = await sharp(Uint8Array.of(10, 10, 10, 200, 200, 200), {
      raw: { width: 2, height: 1, channels: 3 },
    })
      .withMetadata({ orientation: 3 })
      .webp({ lossless: true })
      .toBuffer();
    const decode = createDecode(manifest(1, 2, {}), MAX_PIXELS);
    assert.deepEqual([...(await decode(turned)).pixels], [200, 10]);
  });

  it('crops the centre after scaling the short side', async () => {
    // 6 × 2: the short side is 2 already, so the middle two columns remain.
    const row = [0, 0, 90, 120, 0, 0];
    const decode = createDecode(
      manifest(2, 2, { resize: { rule: 'short_side', length: 2, kernel: 'linear' } }),
      MAX_PIXELS,
    );
    assert.deepEqual([...(await decode(await png([...row, ...row], 6, 2, 1))).pixels], [90, 120, 90, 120]);
  });

  it('shows the whole of a contained image, with background around it', async () => {
    const decode = createDecode(
      manifest(4, 4, { background: 9, resize: { rule: 'contain', kernel: 'nearest' } }),
      MAX_PIXELS,
    );
    const pixels = [...(await decode(await png([100, 100, 100, 100, 100, 100, 100, 100], 4, 2, 1))).pixels];
    assert.deepEqual(pixels, [9, 9, 9, 9, 100, 100, 100, 100, 100, 100, 100, 100, 9, 9, 9, 9]);
  });

  it('reads JPEG and WebP', async () => {
    const flat = sharp({
      create: { width: 8, height: 8, channels: 3, background: { r: 128, g: 128, b: 128 } },
    });
    for (const bytes of [
      await flat.clone().jpeg().toBuffer(),
      await flat.clone().webp({ lossless: true }).toBuffer(),
    ]) {
      assert.deepEqual([...(await gray(bytes)).pixels], [128, 128, 128, 128], String(imageTypeOf(bytes)));
    }
  });

  it('gives the same pixels for PNG and lossless WebP of one picture, also when it shrinks them', async () => {
    const picture = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: 'gray',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    });
    const original = await picture.png().toBuffer();
    const webp = await sharp(original).webp({ lossless: true }).toBuffer();
    const small = createDecode(manifest(28, 28, {}), MAX_PIXELS);
    assert.deepEqual(await small(webp), await small(original));
  });

  it('refuses a WebP and an interlaced PNG that break off', async () => {
    const picture = sharp({
      create: {
        width: 60,
        height: 60,
        channels: 3,
        background: 'gray',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    });
    const files = [
      await picture.clone().webp().toBuffer(),
      await picture.clone().png({ progressive: true }).toBuffer(),
    ];
    for (const whole of files) {
      assert.equal(await codeOf(gray(whole.subarray(0, whole.length >> 1))), 'truncated_image');
    }
  });

  it('refuses an empty body', async () => {
    assert.equal(await codeOf(gray(new Uint8Array(0))), 'empty_image');
  });

  it('refuses SVG, GIF, TIFF and garbage by what they begin with', async () => {
    const flat = sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } });
    const others = [
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      await flat.clone().gif().toBuffer(),
      await flat.clone().tiff().toBuffer(),
      Buffer.alloc(500, 7),
    ];
    for (const bytes of others) assert.equal(await codeOf(gray(bytes)), 'unsupported_image_type');
  });

  it('refuses a JPEG that breaks off', async () => {
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: 'gray',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    });
    const whole = await noise.jpeg().toBuffer();
    assert.equal(await codeOf(gray(whole.subarray(0, whole.length / 2))), 'truncated_image');
  });

  it('refuses a PNG that breaks off', async () => {
    const noise = sharp({
      create: {
        width: 60,
        height: 60,
        channels: 3,
        background: 'gray',
        noise: { type: 'gaussian', mean: 128, sigma: 50 },
      },
    });
    const whole = await noise.png().toBuffer();
    assert.equal(await codeOf(gray(whole.subarray(0, whole.length / 2))), 'truncated_image');
  });

  it('refuses a header without an image', async () => {
    const header = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(60, 1)]);
    assert.equal(await codeOf(gray(header)), 'unreadable_image');
  });

  it('refuses 20,000 × 20,000 pixels without decoding them', async () => {
    const bomb = await sharp({
      create: { width: 20_000, height: 20_000, channels: 3, background: 'black' },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 1 })
      .toBuffer();
    assert.equal(await codeOf(gray(bomb)), 'image_too_large');
  });
});
