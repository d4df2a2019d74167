/**
 * Does a claim stay quick when a million items wait?
 *
 * One reviewer claims, labels, skips and lets leases run, one call at a time, with 1,000,000 pending items:
 * p99 of a claim, commit included, against 10 ms on SQLite and 20 ms on PostgreSQL.
 */
import { by, idsOf, minuteMs } from '../support/store-fixture.ts';
import { check, describeMachine, quantile, result, short } from './harness.ts';
import { postgresStore, sqliteStore, type FilledStore } from './review-stores.ts';
import { largest } from '../src/numerics/extremes.ts';

const ITEMS = short ? 5_000 : 1_000_000;
const CLAIMS = short ? 50 : 1_000;

async function measure({ name, queue, remove }: FilledStore): Promise<void> {
  const claimMs: number[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < CLAIMS; i++) {
    const reviewer = `reviewer-${i % 64}`;
    const start = performance.now();
    const claims = await queue.reviewing.claim(by(reviewer, 1, 10 * minuteMs));
    claimMs.push(performance.now() - start);
    const [id] = idsOf(claims);
    check(id !== undefined && !seen.has(id), 'a claim gave nothing new');
    if (i % 4 === 0) {
      const { lease } = claims[0]!;
      check(
        (await queue.reviewing.putBack(id, { lease, reviewer }, 'skip')) === 'done',
        'a skip was refused',
      );
    } else {
      seen.add(id);
      if (i % 4 === 1) continue;
      const label = { label: 'Shirt', reviewer, note: null };
      check((await queue.reviewing.label(id, claims[0]!.lease, label)) === 'done', 'a label was refused');
    }
  }
  const { items } = await queue.figures.statistics();
  check(items.pending + items.claimed + items.labelled === ITEMS, 'items were lost');
  const start = performance.now();
  await queue.items.list({ state: 'pending', order: 'most_sensitive', limit: 50 });
  const listMs = performance.now() - start;
  result(`review-depth ${name}`, {
    pending: items.pending,
    claim_p50_ms: quantile(claimMs, 0.5),
    claim_p99_ms: quantile(claimMs, 0.99),
    claim_max_ms: largest(claimMs),
    list_ms: listMs,
  });
  await remove();
}

describeMachine();
await measure(await sqliteStore(ITEMS));
await measure(await postgresStore(ITEMS));
