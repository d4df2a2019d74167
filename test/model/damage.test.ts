import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp, { type JpegOptions, type Sharp } from 'sharp';
import { damageOf } from '../../src/model/damage/damage.ts';
import { createDecode } from '../../src/model/decode.ts';
import { ImageError } from '../../src/model/image-error.ts';
import { imageTypeOf } from '../../src/model/image-type.ts';
import { createUniform } from '../../src/numerics/random.ts';
import { DAMAGES, ODD_JPEG_SEGMENTS, ODD_PNG_CHUNKS } from '../../support/damaged-files.ts';
import { withRestartMarkers } from '../../support/restart-markers.ts';
import { grayManifest } from '../../support/onnx-graph.ts';

const decode = createDecode(grayManifest(28, 28, ['a', 'b']), 50_000_000);

/** Waves, an edge and some noise: something of everything that pictures have. */
function picture(seed: number, size = 320): Sharp {
  const uniform = createUniform(Uint32Array.of(seed, 1, 2, 3));
  const [a, b, c] = [5 + 40 * uniform(), 5 + 40 * uniform(), 3 * uniform()];
  const values = new Uint8Array(size * size * 3);
  for (let i = 0; i < values.length; i++) {
    const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
    const edge = x > y * (1 + c) ? 60 : 0;
    values[i] = 90 + edge + 50 * Math.sin(x / a + (i % 3)) * Math.cos(y / b) + 5 * uniform();
  }
  return sharp(values, { raw: { width: size, height: size, channels: 3 } });
}

/** What is said of a file: that it cannot be read, what is damaged, or null. */
async function said(file: Buffer): Promise<string | null> {
  try {
    return (await decode(file)).damage;
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
}

const TRIES = 12;

/** Of damaged copies, how many something is said of, and of how many. */
async function found(whole: (seed: number) => Promise<Buffer>, kind: string): Promise<[number, number]> {
  const uniform = createUniform(Uint32Array.of(kind.length, 7, 7, 7));
  let [told, damaged] = [0, 0];
  for (let seed = 0; seed < TRIES; seed++) {
    const file = await whole(seed % 4);
    const copy = DAMAGES[kind]!(file, uniform);
    if (copy.equals(file)) continue;
    damaged++;
    if ((await said(copy)) !== null) told++;
  }
  return [told, damaged];
}

const jpegs: Readonly<Record<string, JpegOptions>> = {
  'as most are': { quality: 80 },
  'of low quality': { quality: 40 },
  'with standard tables and whole colours': {
    quality: 90,
    optimiseCoding: false,
    chromaSubsampling: '4:4:4',
  },
};

describe('a damaged JPEG', () => {
  for (const [name, options] of Object.entries(jpegs)) {
    for (const kind of Object.keys(DAMAGES)) {
      it(`is found, ${name}: ${kind}`, async () => {
        const [told, damaged] = await found((seed) => picture(seed).jpeg(options).toBuffer(), kind);
        assert.ok(damaged > 0);
        // What is small, or made of the picture's own data, may be as good as data.
        const small = /^(64 random|64 bytes|512 bytes from|8 bits)/.test(kind);
        assert.ok(told >= (small ? 0.5 : 1) * damaged, `${told} of ${damaged}`);
      });
    }
  }

  it('is found where it has restart markers: a part between two of them is lost, or zeros', async () => {
    const plain = await picture(1).jpeg({ quality: 80, optimiseCoding: false }).toBuffer();
    const file = withRestartMarkers(plain, 20);
    const [fifth, sixth] = [4, 5].map((n) => file.indexOf(Buffer.of(0xff, 0xd0 + n))) as [number, number];
    const lost = Buffer.concat([file.subarray(0, fifth), file.subarray(sixth)]);
    assert.match((await said(lost))!, /RST4/);
    // Eight parts lost: the markers' numbers, which libjpeg looks at, go on as they should.
    const thirteenth = file.indexOf(Buffer.of(0xff, 0xd4), sixth);
    const eight = Buffer.concat([file.subarray(0, fifth), file.subarray(thirteenth)]);
    assert.match(damageOf(eight, 'image/jpeg')!, /its data end|restart marker/);
    const zeros = Buffer.from(file);
    zeros.fill(0, fifth + 2, sixth);
    assert.notEqual(await said(zeros), null);
  });

  it('is found in nine of ten where it is progressive, by more than 64 bytes', async () => {
    let [told, damaged] = [0, 0];
    for (const kind of Object.keys(DAMAGES).filter((name) => !/^64/.test(name))) {
      const [more, of] = await found((seed) => picture(seed).jpeg({ progressive: true }).toBuffer(), kind);
      told += more;
      damaged += of;
    }
    assert.ok(told >= 0.9 * damaged, `${told} of ${damaged}`);
  });

  it('is found where it is large, on a thread of its own', async () => {
    const file = await picture(1, 900).jpeg().toBuffer();
    assert.equal(await said(file), null);
    assert.match(
      (await said(DAMAGES['512 zeros']!(file, () => 0.5)))!,
      /^(\d+ bytes|its data|a code|a value)/,
    );
  });

  it('has no more scans than encoders write: following them is no way to take time', async () => {
    const file = await picture(1).jpeg({ progressive: true }).toBuffer();
    const scan = file.indexOf(Buffer.of(0xff, 0xda));
    const refinement = Buffer.from(file.subarray(scan, file.indexOf(Buffer.of(0xff, 0xc4), scan)));
    const many = Array.from({ length: 200 }, () => refinement);
    assert.notEqual(damageOf(Buffer.concat([file.subarray(0, -2), ...many]), 'image/jpeg'), null);
  });
});

describe('a damaged PNG', () => {
  for (const kind of Object.keys(DAMAGES)) {
    it(`is found or refused: ${kind}`, async () => {
      const [told, damaged] = await found((seed) => picture(seed).png().toBuffer(), kind);
      assert.ok(damaged > 0);
      assert.equal(told, damaged);
    });
  }

  it('is found where only a part is wrong that is not needed for its pixels', async () => {
    const file = await picture(1).png().toBuffer();
    const text = Buffer.from(ODD_PNG_CHUNKS['a private chunk']!);
    text[8]! ^= 1;
    assert.match((await said(Buffer.concat([file.subarray(0, 33), text, file.subarray(33)])))!, /checksum/);
  });
});

describe('a damaged WebP', () => {
  const kinds = ['line feeds made carriage return and line feed', '512 bytes 255', '512 bytes lost'];
  for (const kind of [...kinds, '512 zeros', '4096 zeros']) {
    it(`is found or refused: ${kind}`, async () => {
      const [told, damaged] = await found((seed) => picture(seed).webp().toBuffer(), kind);
      assert.ok(damaged > 0);
      assert.equal(told, damaged);
    });
  }
});

describe('a whole file', () => {
  const small = picture(2, 96);
  const around = (background: string, top: number, left: number): Sharp =>
    small.clone().extend({ top, bottom: top, left, right: left, background });
  const pictures: Readonly<Record<string, () => Sharp>> = {
    'a picture': () => small.clone(),
    'on white': () => around('#fff', 150, 150),
    'between black bars': () => around('#000', 130, 0),
    'of one colour': () => sharp({ create: { width: 500, height: 300, channels: 3, background: '#fefefe' } }),
    'in grey': () => small.clone().toColourspace('b-w'),
    'with transparency': () => around('#0000', 60, 60),
    'a screenshot': () => small.clone().resize(400, 400, { kernel: 'nearest' }),
  };
  for (const [name, of] of Object.entries(pictures)) {
    it(`is called damaged in no format: ${name}`, async () => {
      const files = [
        ...[30, 50, 75, 90, 100].map((quality) => of().jpeg({ quality }).toBuffer()),
        ...[30, 75, 100].map((quality) => of().jpeg({ quality, progressive: true }).toBuffer()),
        of().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
        of().jpeg({ mozjpeg: true }).toBuffer(),
        of().jpeg({ optimiseCoding: false }).toBuffer(),
        of().png().toBuffer(),
        of().png({ progressive: true }).toBuffer(),
        of().png({ palette: true }).toBuffer(),
        ...[30, 80].map((quality) => of().webp({ quality }).toBuffer()),
        of().webp({ lossless: true }).toBuffer(),
      ];
      for (const file of await Promise.all(files)) {
        assert.equal(await said(file), null, imageTypeOf(file)!);
        assert.equal(await said(Buffer.concat([file, Buffer.from('added by a phone')])), null, 'with a tail');
      }
    });
  }

  for (const options of [
    { quality: 30 },
    { quality: 90, chromaSubsampling: '4:4:4' },
    { quality: 100 },
  ] satisfies JpegOptions[]) {
    for (const every of [1, 6, 100]) {
      it(`is whole with a restart marker after each ${every} units, at quality ${options.quality}`, async () => {
        for (const of of Object.values(pictures)) {
          const plain = await of()
            .jpeg({ ...options, optimiseCoding: false })
            .toBuffer();
          const restarting = withRestartMarkers(plain, every);
          const pixels = (file: Buffer) => sharp(file, { failOn: 'warning' }).raw().toBuffer();
          assert.ok((await pixels(restarting)).equals(await pixels(plain)));
          assert.equal(await said(restarting), null);
        }
      });
    }
  }

  for (const [name, chunk] of Object.entries(ODD_PNG_CHUNKS)) {
    it(`is whole, whatever decoders say of ${name} in a PNG`, async () => {
      const file = await small.clone().png().toBuffer();
      assert.equal(await said(Buffer.concat([file.subarray(0, 33), chunk, file.subarray(33)])), null);
    });
  }

  for (const [name, segment] of Object.entries(ODD_JPEG_SEGMENTS)) {
    it(`is whole, whatever decoders say of ${name} in a JPEG`, async () => {
      const file = await small.clone().jpeg().toBuffer();
      assert.equal(await said(Buffer.concat([file.subarray(0, 2), segment, file.subarray(2)])), null);
    });
  }
});
