/**
 * Callers ask for much and read nothing: exported labels, the audit trail, pages of the queue, maps, files of
 * the documentation, many times on each connection; then a review image of 20 MB from 120 connections of six
 * callers. All ask again every second, and connect again when they are cut off. Meanwhile
 * another caller sends small images and labels what waits.
 *
 * What all processes of the service hold must grow by no more than MAX_DOWNLOAD_BYTES and an allowance, none
 * of the other caller's requests may fail, every reader that takes nothing must be cut off, and what it held
 * must be given back.
 *
 *     node faults/run.ts slow-downloads
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LoggingClient, sendRequest } from './client-log.ts';
import { attempt, check, finallyDo, long, newFolder, quantile, seed } from './harness.ts';
import { sha256, uniqueImages } from './images.ts';
import { refusals, requireDocumented, startLoad } from './load.ts';
import { survived } from './report.ts';
import { describeGrowth } from './resource-growth.ts';
import { openScene } from './scene.ts';
import { heldBy } from './service.ts';

const IMAGE_BYTES = 20_000_000;
const IMAGE_READERS = 120;
/** Of the service as it is shipped. */
const MOST_BYTES = 134_217_728;
/**
 * Beside the budget: 16 kB that each connection may hold for nothing, pages that are being read, images that
 * are being loaded, and what the collector has not yet taken of all that was cut off or refused.
 */
const ALLOWANCE_MB = 512;
const FILL_MS = 4_000;
const BEFORE_MS = 2_000;
/** After the first images, so that all connections of before are past the longest time until a cut. */
const ATTACK_MS = long ? 120_000 : 15_500;
const BACK_WITHIN_MS = 20_000;
const HELD_WITHIN_MS = 10_000;
const SAMPLE_MS = 100;
const ASK_AGAIN_MS = 1_000;
const SLACK_DESCRIPTORS = 16;

const keyOf = (id: string): string => `${id}-of-this-run-alone-${seed}`;
const CALLER = { id: 'caller', scopes: ['predict', 'review'] };
const READERS = Array.from({ length: 6 }, (_, i) => ({
  id: `reader-${i}`,
  scopes: ['review', 'export', 'admin'],
}));

/** Readers who ask for the same. */
interface Kind {
  readonly path: string;
  readonly connections: number;
  /** Requests that each sends at once: together more than kernels hold. */
  readonly times: number;
  /** Whose key they have; null for none. */
  readonly as: string | null;
}

/** Connections that ask and read nothing, until they are ended. */
class IdleReaders {
  #ending = false;
  readonly #sockets = new Set<Socket>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  start({ path, connections, times, as }: Kind): void {
    const key = as === null ? '' : `Authorization: Bearer ${keyOf(as)}\r\n`;
    const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${key}\r\n`;
    for (let i = 0; i < connections; i++) this.#connect(request, times);
  }

  #connect(request: string, times: number): void {
    const socket = connect(this.#port, '127.0.0.1');
    this.#sockets.add(socket);
    socket.pause();
    socket.on('error', () => undefined);
    socket.write(request.repeat(times));
    const again = setInterval(() => socket.write(request), ASK_AGAIN_MS);
    socket.once('close', () => {
      clearInterval(again);
      this.#sockets.delete(socket);
      if (this.#ending) return;
      this.#connect(request, times);
    });
  }

  end(): void {
    this.#ending = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Sends small images with much behind their end, as some cameras do, until a person has to look at one. */
async function largeItem(client: LoggingClient, findItem: () => Promise<string | null>): Promise<string> {
  const nth = await uniqueImages();
  for (let n = 1_000_000; n < 1_000_200; n++) {
    const image = nth(n);
    const bytes = Buffer.concat([image.bytes, Buffer.alloc(IMAGE_BYTES - image.bytes.length, 'x')]);
    await client.send({ ...image, bytes, bytesHash: sha256(bytes) }, 'image/png');
    const id = await findItem();
    if (id !== null) return id;
  }
  throw new Error('no image of two hundred went to review');
}

await attempt(async () => {
  const folder = await newFolder();
  const keys = join(folder, 'keys.json');
  const withHash = [CALLER, ...READERS].map((key) => ({
    ...key,
    sha256: createHash('sha256').update(keyOf(key.id)).digest('hex'),
  }));
  writeFileSync(keys, JSON.stringify(withHash));
  const scene = await openScene(null, { headers: { authorization: `Bearer ${keyOf(CALLER.id)}` } });
  const service = await scene.start({
    environment: { API_KEYS_FILE: keys, RATE_LIMIT_PER_MINUTE: '0', AUDIT_SALT: keyOf('salt') },
  });
  const agent = new Agent({ keepAlive: true });
  finallyDo(() => {
    agent.destroy();
  });
  const asLead = { authorization: `Bearer ${keyOf(READERS[0]!.id)}` };
  const get = async <T>(path: string): Promise<T> =>
    JSON.parse((await sendRequest(agent, service.url + path, { headers: asLead })).text) as T;
  const metrics = async (): Promise<string> => (await sendRequest(agent, `${service.url}/metrics`)).text;
  /** Bytes of answers that wait, as the service itself counts them. */
  const waiting = async (): Promise<number> =>
    Number(/^sensigate_inflight_bytes\{way="download"\} (\d+)$/m.exec(await metrics())?.[1]);
  /** Answers to readers that were cut off or hung up. */
  const unsent = async (): Promise<number> =>
    [...(await metrics()).matchAll(/^http_server_request_duration_seconds_count\{.*status="499"\} (\d+)$/gm)]
      .map(([, count]) => Number(count))
      .reduce((a, b) => a + b, 0);

  // Before anything else waits: it is the newest item then.
  let newest: string | null = null;
  const large = await largeItem(scene.client, async () => {
    const { items } = await get<{ items: { id: string }[] }>('/v1/reviews?limit=1');
    newest = items[0]?.id ?? null;
    return newest;
  });
  const filling = startLoad(scene.client, 4, 1);
  await sleep(FILL_MS);
  await filling.stop();
  await sendRequest(agent, `${service.url}/v1/labels/seal`, { method: 'POST', headers: asLead });

  let peak = 0;
  let mostWaiting = 0;
  let sampling = true;
  const sample = async (): Promise<void> => {
    while (sampling) {
      const { serviceMb, engineMb, decoderMb } = await heldBy(service.pid);
      peak = Math.max(peak, serviceMb + engineMb + decoderMb);
      // At the end of a run that failed there is nobody to ask.
      mostWaiting = Math.max(mostWaiting, await waiting().catch(() => 0));
      await sleep(SAMPLE_MS);
    }
  };
  const sampled = sample();
  const alone = startLoad(scene.client, 4, 1);
  await sleep(BEFORE_MS);
  await alone.stop();
  const before = await heldBy(service.pid);
  const peakBefore = peak;

  const load = startLoad(scene.client, 4, 1);
  const readers = new IdleReaders(Number(new URL(service.url).port));
  finallyDo(() => {
    readers.end();
  });
  const kinds: Readonly<Record<string, Kind>> = {
    labels: { path: '/v1/labels?format=label-studio', connections: 10, times: 50, as: 'reader-0' },
    'audit trail': { path: '/v1/audit-trail?limit=500', connections: 10, times: 100, as: 'reader-1' },
    queue: { path: '/v1/reviews?limit=100', connections: 10, times: 100, as: 'reader-2' },
    maps: { path: `/v1/reviews/${large}/sensitivity.png`, connections: 4, times: 3_000, as: 'reader-3' },
    documentation: { path: '/docs/swagger-ui-bundle.js', connections: 30, times: 50, as: null },
  };
  const others = Object.values(kinds).reduce((sum, { connections }) => sum + connections, 0);
  for (const [name, kind] of Object.entries(kinds)) {
    let least = await waiting();
    readers.start(kind);
    const late = performance.now() + HELD_WITHIN_MS;
    // Those of before are cut off meanwhile, so that what waits falls, too.
    for (let now = least; now <= least; least = Math.min(least, now), now = await waiting())
      check(performance.now() < late, `readers of ${name} that read nothing hold nothing`);
  }
  const peakOfOthers = peak;
  const connections = IMAGE_READERS / READERS.length;
  for (const { id } of READERS)
    readers.start({ path: `/v1/reviews/${large}/image`, connections, times: 1, as: id });
  await sleep(ATTACK_MS);
  // Nobody has hung up until now.
  const cut = await unsent();
  readers.end();
  const ended = performance.now();
  await load.stop();
  for (let left = await waiting(); left > 0; left = await waiting())
    check(performance.now() - ended < BACK_WITHIN_MS, `${left} bytes are not given back`);
  const backMs = performance.now() - ended;
  sampling = false;
  await sampled;
  scene.client.closeConnections();
  await sleep(1_000);
  const after = await heldBy(service.pid);

  const growth = peak - peakBefore;
  const mega = (bytes: number): string => (bytes / 1e6).toFixed(0);
  const took = (answers: typeof load.answers, q: number): string =>
    quantile(
      answers.map(({ milliseconds }) => milliseconds),
      q,
    ).toFixed(0);
  const note =
    `all processes ${peakBefore.toFixed(0)} → ${peakOfOthers.toFixed(0)} MB with the others, ` +
    `${peak.toFixed(0)} MB with images; ${mega(mostWaiting)} MB of answers waited at most, all given back ` +
    `${backMs.toFixed(0)} ms after the end; ${cut} answers cut off before that; the other caller's ` +
    `${load.answers.length} images in median ${took(alone.answers, 0.5)} → ${took(load.answers, 0.5)} and p99 ` +
    `${took(alone.answers, 0.99)} → ${took(load.answers, 0.99)} ms, ${refusals(load.answers)}; ` +
    describeGrowth(before, after);
  requireDocumented(load.answers);
  check(
    load.answers.every(({ status }) => status === 200 || status === 202),
    `the other caller was refused: ${note}`,
  );
  check(load.labels > 0, `the other caller could label nothing: ${note}`);
  check(mostWaiting <= MOST_BYTES, `more waits than MAX_DOWNLOAD_BYTES: ${note}`);
  check(mostWaiting > MOST_BYTES / 2, `the budget was not tried: ${note}`);
  check(
    growth <= MOST_BYTES / 1e6 + ALLOWANCE_MB,
    `memory grew by more than MAX_DOWNLOAD_BYTES and ${ALLOWANCE_MB} MB: ${note}`,
  );
  check(cut > 0, `readers were not cut off: ${note}`);
  check(after.descriptors <= before.descriptors + SLACK_DESCRIPTORS, `descriptors are not back: ${note}`);
  await service.stop();
  survived({
    fault: 'readers that read nothing',
    done: `${others} and ${IMAGE_READERS} connections, ${ATTACK_MS / 1000} s`,
    found: await scene.examine(),
    note,
  });
});
