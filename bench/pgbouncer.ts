/**
 * What does PgBouncer between service and PostgreSQL cost? Times by way of it, in session and in transaction
 * mode, as ratios to those of direct connections, in one run over one database.
 *
 *     node bench/pgbouncer.ts [--short]
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgresStore } from '../src/store/postgres/open.ts';
import type { Store } from '../src/store/store.ts';
import { startPgBouncer } from '../support/pgbouncer.ts';
import { ownServer } from '../support/postgres-server.ts';
import { by, minuteMs, prediction } from '../support/store-fixture.ts';
import { check, describeMachine, eachOpen, median, raw, result, root, short } from './harness.ts';
import { recordOne } from '../support/record-one.ts';

const ROUNDS = short ? 2 : 15;
const CALLS = short ? 20 : 200;
/** As many at a time as the service has connections, and some more. */
const OPEN = 16;
const POOL = 10;
const image = { bytes: new Uint8Array(600), contentType: 'image/png' as const };

type Work = (queue: Store) => Promise<void>;

let made = 0;
const newId = (): string => `item-${made++}`;

const recordNext: Work = (queue) => recordOne(queue, prediction({ id: newId() }), image);

const KINDS: Readonly<Record<string, { readonly open: number; readonly work: Work }>> = {
  record: { open: 1, work: recordNext },
  'record under a key': {
    open: 1,
    work: async (queue) => {
      const id = newId();
      const recording = { prediction: prediction({ id }), image };
      await queue.records.recordOnce({ caller: 'ada', key: id, fingerprint: id }, [recording]);
    },
  },
  read: {
    open: 1,
    work: async (queue) => {
      check((await queue.records.find('item-0')) !== null, 'the first record is not found');
    },
  },
  'claim and label': {
    open: 1,
    work: async (queue) => {
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      check(claim !== undefined, 'nothing waits');
      const label = { label: 'Shirt', reviewer: 'ada', note: null };
      check((await queue.reviewing.label(claim.prediction.id, claim.lease, label)) === 'done', 'no label');
    },
  },
  [`record, ${OPEN} at a time`]: { open: OPEN, work: recordNext },
};

try {
  if (!existsSync(join(root, '.peers/installed')))
    execFileSync('make', ['--silent', '.peers/installed'], { cwd: root, stdio: 'inherit' });
} catch {
  console.log('left out: PgBouncer cannot be had on this machine (see make test-peers)');
  process.exit();
}

describeMachine();
const server = await ownServer(true);
const direct = new URL((await server.createSchema()).url);
// PgBouncer carries no search_path.
direct.search = '';
const bouncerIn = (mode: string) => startPgBouncer(Number(direct.port), { pool_mode: mode });
const bouncers = { session: await bouncerIn('session'), transaction: await bouncerIn('transaction') };
const through = (port: number): string => {
  const url = new URL(direct);
  url.port = String(port);
  return url.href;
};
const urls = {
  direct: direct.href,
  session: through(bouncers.session.port),
  transaction: through(bouncers.transaction.port),
};
type Way = keyof typeof urls;
const ways = Object.keys(urls) as Way[];
const queues = {} as Record<Way, Store>;
for (const way of ways) queues[way] = await openPostgresStore({ url: urls[way], poolSize: POOL });

for (const [kind, { open, work }] of Object.entries(KINDS)) {
  const times: Record<Way, number[]> = { direct: [], session: [], transaction: [] };
  // The first round opens connections.
  for (let round = 0; round <= ROUNDS; round++)
    for (let i = 0; i < ways.length; i++) {
      const way = ways[(i + round) % ways.length]!;
      const began = performance.now();
      await eachOpen(CALLS, open, () => work(queues[way]));
      if (round > 0) times[way].push((performance.now() - began) / CALLS);
    }
  for (const way of ways) raw(`${kind}, ${way}, ms each`, times[way]);
  const base = median(times.direct);
  result('pgbouncer', {
    kind: kind.replaceAll(/\W+/g, '_'),
    direct_ms: base,
    session_ratio: median(times.session) / base,
    transaction_ratio: median(times.transaction) / base,
  });
}

for (const way of ways) await queues[way].close();
for (const bouncer of Object.values(bouncers)) await bouncer.stop();
await server.stop();
