/**
 * Wall clocks jump by seconds to years while reviewers claim, renew, label, skip and let leases run out: the
 * one clock by which leases run with SQLite, and that of each of two replicas over one PostgreSQL, where the
 * server's clock alone counts.
 *
 *     node faults/run.ts clock-leases
 */
import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { ownServer } from '../support/postgres-server.ts';
import { Agent } from 'node:http';
import { sendRequest } from './client-log.ts';
import { attempt, between, check, finallyDo, long, newFolder, pick } from './harness.ts';
import { sha256 } from './images.ts';
import { LEASE_SECONDS, openLeaseBook, type Reviewer } from './lease-reviewers.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { startService } from './service.ts';

const JUMPS = long ? 120 : 18;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const SHIFTS = [2 * SECOND, 5 * SECOND, 61 * SECOND, HOUR, 365 * 24 * HOUR, 10 * 365 * 24 * HOUR];
const REVIEWERS = ['ann', 'ben', 'cleo', 'dan'];

interface Clock {
  readonly file: string;
  shift(milliseconds: number): void;
}

async function newClock(): Promise<Clock> {
  const file = join(await newFolder(), 'shift');
  const shift = (milliseconds: number): void => {
    // Never half-written where the service reads it.
    writeFileSync(`${file}.new`, String(milliseconds));
    renameSync(`${file}.new`, file);
  };
  shift(0);
  return { file, shift };
}

interface Keys {
  readonly file: string;
  readonly caller: string;
  readonly lead: string;
  readonly reviewers: readonly Reviewer[];
}

async function newKeys(): Promise<Keys> {
  const file = join(await newFolder(), 'keys.json');
  const entries: unknown[] = [];
  const add = (id: string, scopes: readonly string[]): string => {
    const key = randomBytes(32).toString('hex');
    entries.push({ id, sha256: sha256(Buffer.from(key)), scopes, rate_per_minute: 1_000_000 });
    return key;
  };
  const caller = add('caller', ['predict']);
  const lead = add('lead', ['admin']);
  const reviewers = REVIEWERS.map((id) => ({ id, key: add(id, ['review']) }));
  writeFileSync(file, JSON.stringify(entries));
  return { file, caller, lead, reviewers };
}

/** @param databaseUrl Null for SQLite. */
async function jumpUnderReviewers(databaseUrl: string | null): Promise<void> {
  const keys = await newKeys();
  const onSqlite = databaseUrl === null;
  const clocks = [await newClock(), ...(onSqlite ? [] : [await newClock()])];
  const environmentOf = (clock: Clock) => ({
    CLOCK_SHIFT_FILE: clock.file,
    API_KEYS_FILE: keys.file,
    // Everything goes to people.
    GATE_FILE: '/nowhere/gate.json',
    ...(onSqlite ? {} : { ENGINE_PROCESSES: '1' }),
  });
  const flags = ['--import', fileURLToPath(new URL('./clock-shift.ts', import.meta.url))];
  const scene = await openScene(databaseUrl, { headers: { authorization: `Bearer ${keys.caller}` } });
  const services = [await scene.start({ flags, environment: environmentOf(clocks[0]!) })];
  for (const clock of clocks.slice(1)) {
    const environment = { ...environmentOf(clock), DATABASE_URL: databaseUrl! };
    services.push(await startService({ port: await freePort(), environment, flags }));
  }
  const urls = services.map(({ url }) => url);
  const book = openLeaseBook(urls, !onSqlite);
  const load = startLoad(scene.client, 2, 0);
  const working = keys.reviewers.map((reviewer) => book.work(reviewer));
  for (let jump = 0; jump < JUMPS; jump++) {
    pick(clocks).shift(Math.round(pick(SHIFTS) * pick([-1, 0, 1]) * between(0.5, 1)));
    await sleep(between(200, 700));
  }
  for (const clock of clocks) clock.shift(0);
  await load.stop();
  book.stop();
  await Promise.all(working);

  let taken = 0;
  if (onSqlite) {
    // A lease that was given by a clock that ran ahead may last for an hour: a lead takes such an item back.
    const { items } = await scene.stored();
    for (const [id, { outcome }] of items)
      if (outcome === 'open') taken += await takeBack(urls[0]!, keys.lead, id);
  } else await sleep(LEASE_SECONDS * SECOND);
  for (const reviewer of keys.reviewers) await book.finish(reviewer);
  for (const service of services) await service.stop();

  requireDocumented(load.answers);
  const errors = services.flatMap((service) => service.errors);
  check(errors.length === 0, `the log has errors:\n  ${errors.slice(0, 5).join('\n  ')}`);
  check(book.wrong.length === 0, `${book.wrong.length} leases:\n  ${book.wrong.slice(0, 20).join('\n  ')}`);
  const { items } = await scene.stored();
  const found = await scene.examine();
  const lost: string[] = [];
  for (const [id, { outcome, label }] of items) {
    const acknowledged = book.labels.get(id);
    if (acknowledged === undefined)
      lost.push(`${id} is ${outcome}, and nobody's label of it was acknowledged`);
    else if (label !== acknowledged.label)
      lost.push(`${id} was labelled ${acknowledged.label}, stored is ${String(label)} (${outcome})`);
  }
  for (const kind of ['label', 'renew', 'skip', 'release'])
    for (const how of ['done', 'refused'])
      check((book.counts.get(`${kind} ${how}`) ?? 0) > 0, `no ${kind} was ${how}, so that says nothing`);
  survived({
    fault: `clock jumped under leases, ${onSqlite ? 'SQLite' : 'PostgreSQL'}`,
    done: `${JUMPS} jumps of 1 s to 10 years, ${services.length === 1 ? 'one service' : 'two replicas'}`,
    found: { ...found, labels: book.labels.size, lost: [...found.lost, ...lost] },
    note:
      `${[...book.counts]
        .sort()
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}; ` + `${onSqlite ? `${taken} taken back by a lead; ` : ''}${refusals(load.answers)}`,
  });
}

/** Ends whatever lease an item has; 1 where it was still open. */
async function takeBack(url: string, key: string, id: string): Promise<number> {
  const { status, text } = await sendRequest(new Agent(), `${url}/v1/reviews/${id}/reassign`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: Buffer.from(JSON.stringify({ to: null })),
  });
  check(status === 204, `an item was not taken back: ${status} ${text}`);
  return 1;
}

await attempt(async () => {
  await jumpUnderReviewers(null);
  const server = await ownServer(true);
  finallyDo(() => server.stop());
  await jumpUnderReviewers((await server.createSchema()).url);
});
