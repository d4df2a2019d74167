import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { ReviewQueue } from '../../../src/review/queue.ts';
import { idsOf, noonMs, prediction, type CreateStore, type TestClock } from './fixture.ts';
import { ModelQueue } from './model.ts';

/** Enough for a few hundred sequences with every pair of steps; each takes some 15 ms with its commits. */
const runs = 100;
const steps = { minLength: 10, maxLength: 40 };
const leaseMs = 1000;

const modelDigests = ['sha256:one', 'sha256:two'] as const;
const modelDigest = fc.constantFrom(...modelDigests);
const reviewer = fc.constantFrom('ada', 'ben', 'cleo');
/** Which of the leases ever given, counted from the latest: mostly current ones, and some long lost. */
const which = fc.nat({ max: 5 });
const step = fc.oneof(
  fc.record({
    act: fc.constant('record'),
    modelDigest,
    priority: fc.constantFrom(0, 1, 2, Number.MAX_VALUE),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('claim'),
      reviewer,
      modelDigest,
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ act: fc.constant('renew'), which }),
  fc.record({ act: fc.constantFrom('release', 'skip'), which }),
  fc.record({ act: fc.constant('label'), which, label: fc.constantFrom('Shirt', 'Coat') }),
  fc.record({ act: fc.constant('advance'), ms: fc.constantFrom(1, leaseMs - 1, leaseMs) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Runs one sequence against the queue and the model, and watches what must hold whatever the model says. */
class Interleaving {
  readonly #queue: ReviewQueue;
  readonly #clock: TestClock;
  readonly #model = new ModelQueue();
  readonly #leases: { readonly id: string; readonly token: string; readonly reviewer: string }[] = [];

  constructor(queue: ReviewQueue, clock: TestClock) {
    this.#queue = queue;
    this.#clock = clock;
  }

  async take(step: Step): Promise<void> {
    const now = this.#clock.ms;
    if (step.act === 'advance') this.#clock.ms += step.ms;
    else if (step.act === 'record') await this.#record(step.modelDigest, step.priority);
    else if (step.act === 'claim') await this.#claim(step.reviewer, step.modelDigest, step.limit);
    else {
      const lease = this.#leases.at(-1 - step.which);
      if (lease === undefined) return;
      const { id, token, reviewer } = lease;
      if (step.act === 'renew') {
        const outcome = await this.#queue.renew(id, token, leaseMs);
        assert.equal(outcome, this.#model.renew(id, token, now + leaseMs));
      } else if (step.act === 'label') {
        const outcome = await this.#queue.label(id, token, {
          label: step.label,
          reviewer,
          note: null,
        });
        if (outcome === 'done') this.#assertNotPassedOn(id, token);
        assert.equal(outcome, this.#model.label(id, token, step.label));
      } else {
        const outcome = await this.#queue.putBack(id, token, step.act);
        assert.equal(outcome, this.#model.putBack(id, token, step.act, now));
      }
    }
  }

  async #record(modelDigest: string, priority: number): Promise<void> {
    const id = `item-${this.#model.items.size.toString().padStart(2, '0')}`;
    const createdMs = this.#clock.ms;
    await this.#queue.record(prediction({ id, modelDigest, priority, createdMs }), null);
    this.#model.record(id, modelDigest, priority, createdMs);
  }

  async #claim(reviewer: string, modelDigest: string, limit: number): Promise<void> {
    const expected = this.#model.offer(reviewer, modelDigest, limit, this.#clock.ms);
    const claims = await this.#queue.claim({ reviewer, modelDigest, limit, leaseMs });
    for (const { prediction, lease } of claims) {
      const held = this.#model.items.get(prediction.id)!.lease;
      assert.ok(held === null || held.endMs <= this.#clock.ms, `${prediction.id} is held by two live leases`);
      this.#model.lease(prediction.id, lease, reviewer, this.#clock.ms + leaseMs);
      this.#leases.push({ id: prediction.id, token: lease, reviewer });
    }
    assert.deepEqual(idsOf(claims), expected);
  }

  #assertNotPassedOn(id: string, token: string): void {
    const latest = this.#leases.findLast((lease) => lease.id === id);
    assert.equal(token, latest!.token, `${id} was labelled with a lease that has passed to someone else`);
  }

  /** Once every lease has lapsed, whoever asks for a model is offered every unlabelled item of it, and the counts agree. */
  async end(): Promise<void> {
    this.#clock.ms += leaseMs;
    const all = [...this.#model.items.values()];
    const unlabelled = all.filter((item) => item.label === null);
    const { items } = await this.#queue.statistics();
    assert.deepEqual(items, {
      pending: unlabelled.length,
      claimed: 0,
      labelled: all.length - unlabelled.length,
      discarded: 0,
      disputed: 0,
    });
    for (const item of all) {
      assert.equal((await this.#queue.find(item.id))?.review?.label, item.label);
    }
    for (const modelDigest of modelDigests) await this.#claim('ada', modelDigest, all.length + 1);
  }
}

export function describeInterleavings(create: CreateStore): void {
  it('keeps its rules in any order of records, claims, renewals, releases, skips, labels and time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, steps), async (sequence) => {
        const clock: TestClock = { ms: noonMs };
        const store = await create(clock);
        const queue = await store.open();
        try {
          const interleaving = new Interleaving(queue, clock);
          for (const next of sequence) await interleaving.take(next);
          await interleaving.end();
        } finally {
          await queue.close();
          await store.remove();
        }
      }),
      { numRuns: runs },
    );
  });
}
