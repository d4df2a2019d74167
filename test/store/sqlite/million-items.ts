/**
 * How long do the queue's operations take when a million items wait?
 *
 * `node test/store/sqlite/million-items.ts FOLDER [COUNT]` fills FOLDER/queue.db once (some minutes and 2.5
 * GB) and measures; it prints the shortest, median and longest time of each operation, commit and fsync
 * included. The states that could make a claim slow are built on the way: 10,000 items of the highest
 * priority that are leased, lapsed, or skipped by the very reviewer who asks.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Claim } from '../../../src/store/reviewing.ts';
import type { Store } from '../../../src/store/store.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { by, holdOf, prediction } from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const [folder, countText = '1000000'] = process.argv.slice(2);
assert.ok(folder, 'usage: node test/store/sqlite/million-items.ts FOLDER [COUNT]');
const count = Number(countText);
const crowd = 10_000;
const minuteMs = 60_000;
const file = join(folder, 'queue.db');

// Every operation has its own millisecond, as those of people have.
let clock = Date.now();
let recorded = 0;
const image = { bytes: new Uint8Array(700).fill(7), contentType: 'image/png' };
const answer = {
  top: Array.from({ length: 5 }, (_, i) => ({ label: `class ${i}`, probability: 0.2 })),
  pad: 'x'.repeat(500),
};
const labels = ['Shirt', 'Coat', 'Dress', 'Bag'];

function record(queue: Store): Promise<void> {
  const index = recorded++;
  const id = `${clock}-${index.toString().padStart(9, '0')}`;
  // A multiplicative hash spreads priorities over [0, 1) without any order in time.
  const priority = ((index * 2_654_435_761) % 4_294_967_296) / 4_294_967_296;
  const reasons = [index % 100 === 0 ? 'audit' : 'sensitive'];
  return recordOne(queue, prediction({ id, createdMs: clock + index, priority, reasons, answer }), image);
}

async function measure<T>(what: string, times: number, act: (i: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const ms: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    results.push(await act(i));
    ms.push(performance.now() - start);
  }
  ms.sort((a, b) => a - b);
  const [shortest, median, longest] = [ms[0]!, ms[times >> 1]!, ms.at(-1)!].map((value) => value.toFixed(2));
  const text = `${shortest} / ${median} / ${longest} ms (${times} times)`;
  process.stdout.write(`${what.padEnd(62)} ${text}\n`);
  return results;
}

const filled = existsSync(file);
const queue = await openSqliteStore({ file, now: () => ++clock });
if (!filled) {
  const start = performance.now();
  for (let done = 0; done < count; done += 1000) {
    await Promise.all(Array.from({ length: Math.min(1000, count - done) }, () => record(queue)));
  }
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`filled in ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} records/s\n`);
}
clock += 10 * minuteMs;
const before = await queue.figures.statistics();
process.stdout.write(`${JSON.stringify(before)}\n`);

await measure('record one, alone', 100, () => record(queue));
await measure('record 64 in one turn', 20, () =>
  Promise.all(Array.from({ length: 64 }, () => record(queue))),
);
const single = await measure('claim 1', 100, () => queue.reviewing.claim(by('ada', 1, minuteMs)));
assert.equal(new Set(single.flat().map((claim) => claim.prediction.id)).size, 100);
await measure('claim 20', 20, () => queue.reviewing.claim(by('ada', 20, minuteMs)));
await measure('label one', 100, async (i) => {
  const {
    prediction: { id },
    lease,
  } = single[i]![0]!;
  const outcome = await queue.reviewing.label(id, lease, {
    label: labels[i % 4]!,
    reviewer: 'ada',
    note: null,
  });
  assert.equal(outcome, 'done');
});
await measure('statistics', 100, () => queue.figures.statistics());

const leased: Claim[] = [];
while (leased.length < crowd)
  for (const one of await queue.reviewing.claim(by('ben', 500, 60 * minuteMs))) leased.push(one);
await measure('claim 1 behind 10,000 live leases', 50, () => queue.reviewing.claim(by('ada', 1, minuteMs)));
await measure('statistics with 10,000 live leases', 50, () => queue.figures.statistics());
await measure('list pending, most sensitive, with 10,000 live leases', 20, () =>
  queue.items.list({ state: 'pending', order: 'most_sensitive', limit: 50 }),
);
await measure('list claimed, most sensitive, with 10,000 live leases', 20, () =>
  queue.items.list({ state: 'claimed', order: 'most_sensitive', limit: 50 }),
);
await measure('list all, newest, with 10,000 live leases', 20, () =>
  queue.items.list({ order: 'newest', limit: 50 }),
);
await measure('list reason audit, newest', 20, () =>
  queue.items.list({ reason: 'audit', order: 'newest', limit: 50 }),
);
await measure('list a reason that nothing has', 20, () =>
  queue.items.list({ reason: 'none', order: 'newest', limit: 50 }),
);

clock += 120 * minuteMs;
await measure('claim 1 among 10,000 lapsed leases', 50, () => queue.reviewing.claim(by('ada', 1, minuteMs)));
await measure('list pending, most sensitive, with 10,000 lapsed leases', 20, () =>
  queue.items.list({ state: 'pending', order: 'most_sensitive', limit: 50 }),
);

clock += 120 * minuteMs;
let skipped = 0;
while (skipped < crowd) {
  const claims = await queue.reviewing.claim(by('cleo', 500, minuteMs));
  await Promise.all(
    claims.map((claim) => queue.reviewing.putBack(claim.prediction.id, holdOf(claim), 'skip')),
  );
  skipped += claims.length;
}
await measure('claim 1 by a reviewer who has skipped 10,000', 50, () =>
  queue.reviewing.claim(by('cleo', 1, minuteMs)),
);
await measure('claim 1 by another', 50, () => queue.reviewing.claim(by('ada', 1, minuteMs)));
await queue.close();
