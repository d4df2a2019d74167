import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp, { type Sharp } from 'sharp';
import { startDecoderProcess } from '../../src/decoder/decoder-process.ts';
import { createDecoders, type Decoders } from '../../src/decoder/decoders.ts';
import { createDecode } from '../../src/model/decode.ts';
import { residentBytes } from '../../src/telemetry/resident-memory.ts';
import { deepPng } from '../../support/deep-png.ts';
import { grayManifest } from '../../support/onnx-graph.ts';

const options = { manifest: grayManifest(28, 28, ['a', 'b']), maxPixels: 50_000_000 };
const never = new AbortController().signal;
const ends: string[] = [];

const open = (memoryBytes = 2 ** 29): Decoders => {
  const decoders = createDecoders({ ...options, memoryBytes, onEnd: (how) => ends.push(how) });
  after(() => {
    decoders.close();
  });
  return decoders;
};

/** In some seconds. */
const long = deepPng(6000, 6000);
const photograph = await sharp({
  create: {
    width: 1600,
    height: 1200,
    channels: 3,
    background: '#000',
    noise: { type: 'gaussian', mean: 90, sigma: 40 },
  },
})
  .jpeg()
  .toBuffer();
const small = await sharp(photograph).resize(64, 64).png().toBuffer();

/** Of the first decoder that works by then. */
async function pidOf(decoders: Decoders, not: readonly number[] = []): Promise<number> {
  for (;;) {
    const pid = decoders.pids.find((one) => !not.includes(one));
    if (pid !== undefined) return pid;
    await sleep(1);
  }
}

/** Holds what no idle decoder does. */
async function untilAtWork(pid: number): Promise<void> {
  while (((await residentBytes(pid)) ?? 0) < 150_000_000) await sleep(1);
}

describe('the decoders', () => {
  it('give what decoding in the service gives, refusals too', async () => {
    const decoders = open();
    const here = createDecode(options.manifest, options.maxPixels);
    assert.deepEqual(await decoders.decode(photograph, never), await here(photograph));
    const broken = photograph.subarray(0, photograph.length >> 1);
    const refusal: unknown = await here(broken).catch((error: unknown) => error);
    await assert.rejects(decoders.decode(broken, never), refusal as Error);
  });

  it('start no process before one is needed, and use it again', async () => {
    const decoders = open();
    await decoders.decode(small, never);
    assert.deepEqual(decoders.pids, []);
    await decoders.decode(photograph, never);
    const { pids } = decoders;
    await decoders.decode(photograph, never);
    assert.equal(pids.length, 1);
    assert.deepEqual(decoders.pids, pids);
  });

  it('start no process for what has no header', async () => {
    const decoders = open();
    const junk = Buffer.concat([long.subarray(0, 8), Buffer.alloc(500_000, 0x55)]);
    await assert.rejects(decoders.decode(junk, never), { code: 'unreadable_image' });
    assert.deepEqual(decoders.pids, []);
  });

  it('give way to all else, from their first moment and with all threads', async () => {
    const decoders = open();
    const image = decoders.decode(photograph, never);
    const [pid] = decoders.pids as [number];
    assert.equal(getPriority(pid), 19);
    await image;
    const threads = process.platform === 'linux' ? await readdir(`/proc/${pid}/task`) : [String(pid)];
    assert.deepEqual(
      threads.map((thread) => getPriority(Number(thread))).filter((niceness) => niceness !== 19),
      [],
    );
  });

  it('end an image when nobody waits for it any more, and decode the next', async () => {
    const decoders = open();
    const given = new AbortController();
    const image = decoders.decode(long, given.signal);
    const pid = await pidOf(decoders);
    given.abort(new Error('too late'));
    await assert.rejects(image, /too late/);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(decoders.pids, []);
    await decoders.decode(photograph, never);
  });

  it('decode an image again whose process was ended by something else', async () => {
    const decoders = open();
    const image = decoders.decode(long, never);
    const first = await pidOf(decoders);
    process.kill(first, 'SIGKILL');
    assert.deepEqual(await image, await createDecode(options.manifest, options.maxPixels)(long));
    assert.notDeepEqual(decoders.pids, [first]);
  });

  it('refuse an image over which a process has ended twice, and go on', async () => {
    const decoders = open();
    const image = decoders.decode(long, never);
    const refused = assert.rejects(image, {
      code: 'unreadable_image',
      message: /ended twice \(killed by SIG/,
    });
    // Killed only when it works, so that it is the image's end and not that of a start.
    const first = await pidOf(decoders);
    await untilAtWork(first);
    process.kill(first, 'SIGSEGV');
    const second = await pidOf(decoders, [first]);
    await untilAtWork(second);
    process.kill(second, 'SIGSEGV');
    await refused;
    await decoders.decode(photograph, never);
  });

  it('end a process that takes more memory than its image was expected to', async () => {
    const one = startDecoderProcess(options, () => undefined);
    const ending = await one.decode(long, 100_000_000, never);
    assert.equal(ending.type, 'ended');
    assert.ok('takenBytes' in ending && ending.takenBytes > 100_000_000, JSON.stringify(ending));
  });

  it('refuse what takes more than their memory by its header, without a process', async () => {
    const decoders = open(2 ** 27);
    await assert.rejects(decoders.decode(long, never), {
      code: 'image_too_costly',
      message: /at most 128 MiB/,
    });
    assert.deepEqual(decoders.pids, []);
  });
});

describe('the pixels', () => {
  const [side, length] = [28, 40];
  const { manifest } = options;
  const kernel = 'linear' as const;
  const fill = { r: 0, g: 0, b: 0 };
  const how = { kernel, fastShrinkOnLoad: false } as const;
  const rules = {
    stretch: (image: Sharp) => image.resize({ width: side, height: side, fit: 'fill', ...how }),
    contain: (image: Sharp) =>
      image.resize({ width: side, height: side, fit: 'contain', background: fill, ...how }),
    short_side: async (image: Sharp) => {
      const { data, info } = await image
        .resize({ width: length, height: length, fit: 'outside', ...how })
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      const { width, height, channels } = info;
      return sharp(data, { raw: { width, height, channels } }).extract({
        left: (width - side) >> 1,
        top: (height - side) >> 1,
        ...{ width: side, height: side },
      });
    },
  };
  for (const format of ['jpeg', 'png', 'webp'] as const) {
    for (const rule of ['stretch', 'contain', 'short_side'] as const) {
      it(`of ${format} under ${rule} are those that libvips gives, in the service and apart`, async () => {
        const resize = rule === 'short_side' ? { rule, length, kernel } : { rule, kernel };
        const input = { ...manifest.input, background: 0, resize } as const;
        const decoders = createDecoders({
          ...{ manifest: { ...manifest, input }, maxPixels: options.maxPixels },
          ...{ memoryBytes: 2 ** 29, onEnd: (how) => ends.push(how) },
        });
        after(() => {
          decoders.close();
        });
        for (const width of [200, 1500]) {
          const bytes = await sharp(photograph).resize(width).toFormat(format).toBuffer();
          const direct = await rules[rule](sharp(bytes).autoOrient().flatten({ background: fill }));
          const expected = await direct.toColourspace('b-w').raw({ depth: 'uchar' }).toBuffer();
          const { pixels } = await decoders.decode(bytes, never);
          assert.ok(Buffer.from(pixels).equals(expected), `${width} wide`);
        }
        assert.equal(decoders.pids.length, 1, 'the larger one was decoded apart');
      });
    }
  }
});
