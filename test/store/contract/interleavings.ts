import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Store } from '../../../src/store/store.ts';
import {
  idsOf,
  noonMs,
  prediction,
  type CreateStore,
  type TestClock,
  type TestStore,
  sealAndRead,
} from '../../../support/store-fixture.ts';
import { ModelQueue } from './model.ts';
import { leaseMs, modelDigests, overlaps, reviewers, type Said, step, type Step } from './steps.ts';
import { recordOne } from '../../../support/record-one.ts';

/** Enough for a few hundred sequences with every pair of steps; each takes some 20 ms with its commits. */
const runs = 100;
const steps = { minLength: 10, maxLength: 50 };

/** Runs one sequence against the queue and the model, and watches what must hold whatever the model says. */
class Interleaving {
  readonly #store: TestStore;
  readonly #clock: TestClock;
  readonly #model = new ModelQueue();
  readonly #leases: { readonly id: string; readonly token: string; readonly reviewer: string }[] = [];
  readonly #exported: string[] = [];
  #cursor: string | null = null;
  #queue: Store;

  constructor(store: TestStore, queue: Store, clock: TestClock) {
    this.#store = store;
    this.#queue = queue;
    this.#clock = clock;
  }

  async take(step: Step): Promise<void> {
    const now = this.#clock.ms;
    if (step.act === 'advance') this.#clock.ms += step.ms;
    else if (step.act === 'record') await this.#record(step);
    else if (step.act === 'claim') await this.#claim(step.reviewer, step.modelDigest, step.limit);
    else if (step.act === 'undo') await this.#undo(this.#item(step.item), step.reviewer);
    else if (step.act === 'reassign') await this.#reassign(this.#item(step.item), step.to);
    else if (step.act === 'settle') await this.#settle(this.#item(step.item), step.said);
    else if (step.act === 'export') await this.#export();
    else if (step.act === 'restart') await this.#restart();
    else {
      const lease = this.#leases.at(-1 - step.which);
      if (lease === undefined) return;
      const { id, token: shown, reviewer } = lease;
      const hold = { lease: shown, reviewer: step.by ?? reviewer };
      if (step.act === 'renew') {
        const outcome = await this.#queue.reviewing.renew(id, hold, leaseMs);
        assert.equal(outcome, this.#model.renew(id, hold, now + leaseMs));
      } else if (step.act === 'answer') await this.#answer({ ...lease, reviewer: hold.reviewer }, step.said);
      else {
        const outcome = await this.#queue.reviewing.putBack(id, hold, step.act);
        assert.equal(outcome, this.#model.putBack(id, hold, step.act, now));
      }
    }
  }

  #item(fromLatest: number): string | undefined {
    return [...this.#model.items.keys()].at(-1 - fromLatest);
  }

  async #record({ modelDigest, priority, reason }: Extract<Step, { act: 'record' }>): Promise<void> {
    const id = `item-${this.#model.items.size.toString().padStart(2, '0')}`;
    const createdMs = this.#clock.ms;
    await recordOne(
      this.#queue,
      prediction({ id, modelDigest, priority, createdMs, reasons: [reason] }),
      null,
    );
    this.#model.record({ id, modelDigest, priority, createdMs, ...overlaps[reason] });
  }

  async #claim(reviewer: string, modelDigest: string, limit: number): Promise<void> {
    const expected = this.#model.offer(reviewer, modelDigest, limit, this.#clock.ms);
    const claims = await this.#queue.reviewing.claim({ reviewer, modelDigest, limit, leaseMs });
    for (const { prediction, lease } of claims) {
      const held = this.#model.items.get(prediction.id)!.lease;
      const free = held === null || held.endMs <= this.#clock.ms || held.reviewer === reviewer;
      assert.ok(free, `${prediction.id} is held by two`);
      this.#lease(prediction.id, lease, reviewer);
    }
    assert.deepEqual(idsOf(claims), expected);
  }

  #lease(id: string, token: string, reviewer: string): void {
    this.#model.lease(id, token, reviewer, this.#clock.ms + leaseMs);
    this.#leases.push({ id, token, reviewer });
  }

  async #answer(
    { id, token, reviewer }: { id: string; token: string; reviewer: string },
    { label, finding }: Said,
  ): Promise<void> {
    const opinion = { reviewer, note: null };
    const before = this.#model.items.get(id)!.answers.get(reviewer);
    const outcome =
      label === null
        ? await this.#queue.reviewing.discard(id, token, { ...opinion, ...(finding && { finding }) })
        : await this.#queue.reviewing.label(id, token, { ...opinion, label });
    assert.equal(outcome, this.#model.answer(id, token, reviewer, { label, finding }, this.#clock.ms));
    if (outcome !== 'done' || before?.token === token) return;
    const latest = this.#leases.findLast((lease) => lease.id === id);
    assert.equal(token, latest!.token, `${id} was answered with a lease that has passed to someone else`);
  }

  async #undo(id: string | undefined, reviewer: string): Promise<void> {
    if (id === undefined) return;
    const claim = await this.#queue.reviewing.undo(id, { reviewer, leaseMs });
    const expected = this.#model.undo(id, reviewer);
    assert.equal(typeof claim === 'string' ? claim : 'done', expected);
    // Whoever holds the item meanwhile: a refusal would tell that somebody does.
    if (typeof claim !== 'string') this.#lease(id, claim.lease, reviewer);
  }

  async #reassign(id: string | undefined, to: string | null): Promise<void> {
    if (id === undefined) return;
    assert.equal(await this.#queue.reviewing.reassign(id, { by: 'lead', to }), this.#model.reassign(id, to));
  }

  async #settle(id: string | undefined, said: Said): Promise<void> {
    if (id === undefined) return;
    const outcome = await this.#queue.reviewing.settle(id, { by: 'lead', ...said, note: null });
    assert.equal(outcome, this.#model.settle(id, 'lead', said, this.#clock.ms));
  }

  async #export(): Promise<void> {
    const ids: string[] = [];
    for (const label of await sealAndRead(this.#queue, { since: this.#cursor })) {
      assert.equal(label.label, this.#model.items.get(label.id)!.label);
      ids.push(label.id);
      this.#cursor = label.cursor;
    }
    assert.deepEqual(ids.toSorted(), this.#model.exportNew(this.#clock.ms).toSorted());
    for (const one of ids) this.#exported.push(one);
  }

  async #restart(): Promise<void> {
    await this.#queue.close();
    this.#queue = await this.#store.open();
  }

  /**
   * Nothing is lost: once every lease has lapsed the counts agree, whoever asks is offered every open item on
   * which they have not answered, every item is open to somebody or decided, and each final label is exported
   * once.
   */
  async end(): Promise<void> {
    this.#clock.ms += leaseMs;
    await this.#restart();
    const all = [...this.#model.items.values()];
    const count = (outcome: string): number => all.filter((item) => item.outcome === outcome).length;
    const { items } = await this.#queue.figures.statistics();
    assert.deepEqual(items, {
      ...{ pending: count('open'), claimed: 0, labelled: count('labelled') },
      ...{ discarded: count('discarded'), disputed: count('disputed') },
    });
    for (const item of all) {
      const review = (await this.#queue.records.find(item.id))!.review!;
      assert.deepEqual([review.label, review.finding], [item.label, item.finding]);
      assert.deepEqual(
        review.opinions.map(({ reviewer }) => reviewer).sort(),
        [...item.answers.keys()].sort(),
      );
    }
    await this.#export();
    assert.equal(new Set(this.#exported).size, this.#exported.length);
    const noneFits = all.filter(({ finding }) => finding === 'none_of_these').length;
    assert.equal(this.#exported.length, count('labelled') + noneFits);
    const before = this.#leases.length;
    for (const reviewer of [...reviewers, 'somebody new']) {
      for (const modelDigest of modelDigests) await this.#claim(reviewer, modelDigest, all.length + 1);
      this.#clock.ms += leaseMs;
    }
    const reached = new Set(this.#leases.slice(before).map(({ id }) => id));
    for (const { id, outcome } of all)
      assert.ok(outcome !== 'open' || reached.has(id), `nobody reaches ${id}`);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

export function describeInterleavings(create: CreateStore): void {
  it('keeps its rules whatever reviewers, leads, exports, restarts and time do, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, steps), async (sequence) => {
        const clock: TestClock = { ms: noonMs };
        const store = await create(clock, { overlaps });
        const interleaving = new Interleaving(store, await store.open(), clock);
        try {
          for (const next of sequence) await interleaving.take(next);
          await interleaving.end();
        } finally {
          await interleaving.close();
          await store.remove();
        }
      }),
      { numRuns: runs },
    );
  });
}
