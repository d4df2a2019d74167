/**
 * Floods of fresh connections, without a proxy: from one address that asks on each, that sends an image and
 * hangs up, that only connects; and from many addresses that connect and say nothing. Meanwhile a caller on
 * connections that it keeps, and one from an address of its own that opens one for each request, are answered
 * every time; their times are told as ratios to those without a flood, and judged by a wide bound alone. No
 * address has more than its share, and no place is taken when the flood is over.
 *
 *     node faults/run.ts connections
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { examine } from './checker.ts';
import { type Predicted, readLog, sendRequest } from './client-log.ts';
import type { Flood, Flooded } from './flooder.ts';
import { attempt, check, long, newFolder, quantile } from './harness.ts';
import { sha256 } from './images.ts';
import { requireDocumented, startLoad } from './load.ts';
import { survived } from './report.ts';
import { comparingHeld } from './resource-growth.ts';
import { gate, openScene } from './scene.ts';

const FLOOD_MS = long ? 20_000 : 3_500;
/** Connections that the caller keeps. */
const KEPT = 4;
/** The defaults of MAX_CONNECTIONS and MAX_CONNECTIONS_PER_ADDRESS. */
const MOST = 1000;
const SHARE = 256;
/** One of the scrapes, one that asks afresh, and one of it that has just closed. */
const OF_OTHERS = 3;
/** Of the caller that opens one for each request. */
const FRESH_FROM = '127.0.0.9';
const FLOODS: readonly Pick<Flood, 'kind' | 'rate' | 'addresses'>[] = [
  { kind: 'ask', rate: 1500, addresses: ['127.0.0.5'] },
  { kind: 'leave', rate: 1500, addresses: ['127.0.0.5'] },
  { kind: 'touch', rate: 2000, addresses: ['127.0.0.5'] },
  // Together as many as all may have, so that some have to go.
  { kind: 'silent', rate: 700, addresses: Array.from({ length: 8 }, (_, i) => `127.0.1.${i + 1}`) },
];
const MOST_OPEN = 1500;
/** Numbers of images that no client comes to. */
const FIRST_IMAGE = 8_000_000;
/**
 * A share of a busy machine, and not the bound's, decides the rest. Before the bound the 99th percentile was
 * a hundred times and more.
 */
const MOST_TIMES = 60;
const SETTLES_WITHIN_MS = 15_000;

interface Times {
  readonly kept: readonly Predicted[];
  /** Milliseconds from connecting to the answer; NaN where there was none. */
  readonly fresh: readonly number[];
}

/** From a connection of its own; NaN where it is not answered 200. */
function askFresh(port: number): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    const sent = request(
      { port, host: '127.0.0.1', path: '/v1/model', agent: false, localAddress: FRESH_FROM, headers },
      (response) => {
        response.resume();
        response.once('end', () => {
          resolve(response.statusCode === 200 ? performance.now() - began : NaN);
        });
      },
    );
    sent.setTimeout(30_000, () => sent.destroy());
    sent.once('error', () => {
      resolve(NaN);
    });
    sent.end();
  });
}

const keys = { caller: randomBytes(32).toString('hex'), flooder: randomBytes(32).toString('hex') };
const headers = { authorization: `Bearer ${keys.caller}` };

await attempt(async () => {
  const folder = await newFolder();
  const keysFile = join(folder, 'keys.json');
  writeFileSync(
    keysFile,
    JSON.stringify(
      Object.entries(keys).map(([id, key]) => ({
        ...{ id, sha256: sha256(Buffer.from(key)), scopes: ['predict'] },
        // The flood is to be met by the bound on connections, and not by its quota.
        rate_per_minute: 1_000_000,
      })),
    ),
  );
  const floodLog = join(folder, 'flood.jsonl');
  closeSync(openSync(floodLog, 'a'));
  const scene = await openScene(null, { headers });
  const service = await scene.start({ environment: { API_KEYS_FILE: keysFile } });
  const port = Number(new URL(service.url).port);
  const compare = await comparingHeld(service, scene.client);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const metric = async (name: string): Promise<number> => {
    const { text } = await sendRequest(agent, `${service.url}/metrics`);
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1],
    );
  };

  /** Both callers for as long as `until` takes. */
  const measure = async (until: Promise<unknown>): Promise<Times & { readonly mostOpen: number }> => {
    const fresh: number[] = [];
    let mostOpen = 0;
    const during = { over: false };
    const load = startLoad(scene.client, KEPT, 0);
    const asking = async (): Promise<void> => {
      while (!during.over) {
        fresh.push(await askFresh(port));
        await sleep(10);
      }
    };
    const watching = async (): Promise<void> => {
      while (!during.over) {
        mostOpen = Math.max(mostOpen, await metric('sensigate_connections'));
        await sleep(200);
      }
    };
    const others = [asking(), watching()];
    await until;
    during.over = true;
    await Promise.all([load.stop(), ...others]);
    return { kept: load.answers, fresh, mostOpen };
  };

  const alone = await measure(sleep(FLOOD_MS));
  const timesOf = ({ kept }: Times): number[] => kept.map(({ milliseconds }) => milliseconds);
  const ratio = (of: readonly number[], to: readonly number[], q: number): number =>
    quantile(of, q) / quantile(to, q);
  const shown = (of: readonly number[], to: readonly number[]): string =>
    `median ${ratio(of, to, 0.5).toFixed(1)}, p99 ${ratio(of, to, 0.99).toFixed(1)} ×`;
  const ms = (of: readonly number[]): string =>
    `${quantile(of, 0.5).toFixed(0)} and ${quantile(of, 0.99).toFixed(0)} ms`;
  const notes = [`alone median and p99 kept ${ms(timesOf(alone))}, fresh ${ms(alone.fresh)}`];
  const wrong: string[] = [];

  let opened = 0;
  for (const { kind, rate, addresses } of FLOODS) {
    const plan: Flood = {
      ...{ port, kind, rate, addresses, key: keys.flooder, mostOpen: MOST_OPEN, milliseconds: FLOOD_MS },
      ...{ log: floodLog, first: FIRST_IMAGE + opened },
    };
    const flooding = promisify(execFile)(
      process.execPath,
      [fileURLToPath(new URL('./flooder.ts', import.meta.url)), JSON.stringify(plan)],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    const { kept, fresh, mostOpen } = await measure(flooding);
    const flooded = JSON.parse((await flooding).stdout) as Flooded;
    opened += flooded.opened;
    const took = timesOf({ kept, fresh });
    const answers = Object.entries(flooded.answered).map(([status, count]) => `${count} × ${status}`);
    const served = fresh.filter((milliseconds) => !Number.isNaN(milliseconds));
    const note =
      `${kind}: of ${flooded.opened} connections ${flooded.refused} closed unanswered` +
      (answers.length === 0
        ? ''
        : `, ${answers.join(', ')} in p99 ${quantile(flooded.answeredInMs, 0.99).toFixed(0)} ms`) +
      `; kept ${shown(took, timesOf(alone))}, fresh ${shown(served, alone.fresh)}; at most ${mostOpen} open`;
    console.log(`  ${note}`);
    notes.push(note);
    requireDocumented(kept);
    const unanswered = kept.filter(({ status }) => status !== 200 && status !== 202).length;
    const isFull = addresses.length > 1;
    // Where all places are taken, whoever comes first has to wait for one that is silent for long enough.
    const missed = fresh.length - served.length;
    if (unanswered > 0) wrong.push(`${unanswered} requests on kept connections were not acknowledged`);
    if (!isFull && missed > 0) wrong.push(`another address was refused ${missed} times: ${kind}`);
    if (served.length === 0) wrong.push(`another address was never served: ${kind}`);
    // The other callers and the scrapes have the rest.
    const bound = isFull ? MOST : SHARE + KEPT + OF_OTHERS;
    if (mostOpen > bound) wrong.push(`${mostOpen} connections were open, expected ${bound}: ${kind}`);
    for (const [who, of, to] of [
      ['kept', took, timesOf(alone)],
      ['fresh', served, alone.fresh],
    ] as const)
      for (const q of [0.5, 0.99])
        if (ratio(of, to, q) > MOST_TIMES)
          wrong.push(`${kind}, ${who}: ${ratio(of, to, q).toFixed(0)} times as long at ${q}`);
    const ends = performance.now() + SETTLES_WITHIN_MS;
    while ((await metric('sensigate_connections')) > KEPT + OF_OTHERS) {
      check(performance.now() < ends, `places are taken long after the flood: ${kind}`);
      await sleep(50);
    }
  }
  const refused = await metric('sensigate_connections_refused_total{reason="address"}');
  const silent = await metric('sensigate_connections_refused_total{reason="silent"}');
  check(refused > 0 && silent > 0, `expected refusals of both kinds; got ${refused} and ${silent}`);
  check(wrong.length === 0, `${wrong.join('; ')}\n  ${notes.join('\n  ')}`);
  const held = await compare();
  agent.destroy();
  await service.stop();
  const entries = [...readLog(scene.client.file), ...readLog(floodLog)];
  survived({
    fault: 'flood of connections',
    done: `${opened} connections in ${FLOODS.length} kinds, ${MOST} and ${SHARE} of one address allowed`,
    found: examine(entries, await scene.stored(), gate),
    note: `${notes.join('; ')}; ${refused} refused by address, ${silent} silent ones made room; ${held}`,
  });
});
