import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { KeptAnswer } from '../../src/store/keeping.ts';
import { StoreError } from '../../src/store/store-error.ts';
import type { Store } from '../../src/store/store.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { createUniform } from '../../src/numerics/random.ts';
import { createAuditDraw } from '../../src/prediction/audit-draw.ts';
import {
  createKeptAnswers,
  type KeptAnswers,
  type KeptAnswersDeps,
} from '../../src/prediction/kept-answers.ts';
import { by, imageOf, minuteMs, modelDigest, noonMs, prediction } from '../../support/store-fixture.ts';
import { recordOne } from '../../support/record-one.ts';

const HOUR_MS = 3_600_000;

interface Scene {
  readonly store: Store;
  readonly clock: { ms: number };
  readonly kept: KeptAnswers;
  readonly counts: ReadonlyMap<string, number>;
  readonly problems: readonly unknown[];
  /** Records an automatic answer and hands it over, as the predictor does. */
  readonly answer: (
    id: string,
    changes?: { bytes?: number; caller?: string; stream?: string; label?: string },
  ) => Promise<number>;
}

async function open(t: TestContext, changes: Partial<KeptAnswersDeps> = {}, shared?: Store): Promise<Scene> {
  const clock = { ms: noonMs };
  const store = shared ?? (await openSqliteStore({ file: ':memory:', now: () => clock.ms }));
  const random = createUniform(Uint32Array.of(1, 2, 3, 4));
  const counts = new Map<string, number>();
  const problems: unknown[] = [];
  const kept = createKeptAnswers({
    keeping: store.keeping,
    ...{ keepMs: HOUR_MS, keepBytes: 1000, rate: () => 0.5, random, draw: createAuditDraw(random) },
    itemId: (ms) => `item-${ms}-${random()}`,
    now: () => clock.ms,
    observe: (what, count) => counts.set(what, (counts.get(what) ?? 0) + count),
    onProblem: (error) => problems.push(error),
    ...changes,
  });
  t.after(async () => {
    await kept.close();
    await store.close();
  });
  return {
    ...{ store, clock, kept, counts, problems },
    answer: async (id, { bytes = 3, caller = 'shop', stream = 'other', label = 'Shirt' } = {}) => {
      const auditable = { caller, stream, predictedLabel: label };
      const chance = kept.chanceOf(auditable);
      const record = {
        id,
        caller,
        stream,
        predictedLabel: label,
        inclusionProbability: chance,
        createdMs: clock.ms,
      };
      await recordOne(store, prediction({ ...record, decision: 'auto', reasons: [] }), null);
      kept.add({ ...auditable, id, chance, bytes, image: () => imageOf(1, 2, 3) });
      return chance;
    },
  };
}

describe('images of automatic answers', () => {
  it('are all kept, and half of them are audited where the rate is a half', async (t) => {
    const { store, kept, answer, counts } = await open(t);
    for (let i = 0; i < 40; i++) assert.equal(await answer(`a${i}`), 0.5);
    await kept.settle();
    assert.equal((await store.keeping.totals()).images, 20);
    for (let i = 0; i < 40; i++) assert.notEqual(await store.images.get(`a${i}`), null);
    const items = await store.reviewing.claim(by('ada', 99, minuteMs));
    assert.equal(items.length, 20);
    for (const { review } of items)
      assert.deepEqual([review.reasons, review.inclusionProbability], [['audit'], 0.5]);
    assert.deepEqual(Object.fromEntries(counts), { kept: 40 });
  });

  it('are drawn by caller, stream and predicted class, so that none goes unseen', async (t) => {
    const { store, kept, answer } = await open(t, { rate: () => 0.1 });
    const strata = ['a', 'b'].flatMap((caller) =>
      ['camera-1', 'other'].flatMap((stream) => ['Shirt', 'Bag'].map((label) => ({ caller, stream, label }))),
    );
    for (let i = 0; i < 800; i++) await answer(`id-${i}`, strata[i % 8]);
    await kept.settle();
    const items = await store.reviewing.claim(by('ada', 99, minuteMs));
    const drawn = Map.groupBy(items, ({ prediction: one }) =>
      [one.caller, one.stream, one.predictedLabel].join(' '),
    );
    assert.deepEqual(
      [...drawn.values()].map(({ length }) => length),
      [10, 10, 10, 10, 10, 10, 10, 10],
    );
  });

  it('follow the rate of each answer, which is written with its record', async (t) => {
    const rate = ({ predictedLabel }: { predictedLabel: string }): number =>
      predictedLabel === 'Bag' ? 1 : 0;
    const { store, kept, answer } = await open(t, { rate });
    for (const label of ['Bag', 'Shirt', 'Bag']) await answer(`${label}-${Math.random()}`, { label });
    await kept.settle();
    const items = await store.reviewing.claim(by('ada', 9, minuteMs));
    assert.deepEqual(
      items.map(({ prediction: one }) => one.predictedLabel),
      ['Bag', 'Bag'],
    );
    assert.equal((await store.keeping.totals()).images, 1);
  });

  for (const none of [{ keepMs: 0 }, { keepBytes: 0 }])
    it(`are not kept, and never audited, where ${Object.keys(none)[0]} is 0`, async (t) => {
      const { store, kept, answer } = await open(t, { ...none, rate: () => 1 });
      assert.equal(await answer('a'), 0);
      await kept.settle();
      assert.deepEqual(await store.keeping.totals(), { images: 0, bytes: 0 });
      assert.deepEqual(await store.reviewing.claim(by('ada', 9, minuteMs)), []);
    });

  it('go when they are too old, and the oldest where they are too many; audits stay', async (t) => {
    const { store, clock, kept, answer, counts } = await open(t, { keepBytes: 9, rate: () => 0 });
    for (let i = 0; i < 5; i++) {
      clock.ms += 1000;
      await answer(`a${i}`);
      await kept.settle();
    }
    assert.deepEqual(
      (await store.keeping.oldest(9)).map(({ id }) => id),
      ['a2', 'a3', 'a4'],
    );
    assert.equal(await store.images.get('a1'), null);
    clock.ms += HOUR_MS - 500;
    await kept.settle();
    assert.deepEqual(
      (await store.keeping.oldest(9)).map(({ id }) => id),
      ['a4'],
    );
    assert.equal(counts.get('dropped'), 4);
  });

  it('are not kept where too many wait to be written; the answers say that they had no chance', async (t) => {
    const { store, kept, answer, counts } = await open(t, { rate: () => 1 });
    assert.equal(await answer('large', { bytes: 64 * 1024 * 1024 }), 1);
    assert.equal(await answer('late'), 0);
    await kept.settle();
    assert.equal(counts.get('not_kept'), 1);
    assert.equal((await store.records.find('late'))!.prediction.inclusionProbability, 0);
    assert.equal(await answer('next'), 1);
    await kept.settle();
    const items = await store.reviewing.claim(by('ada', 9, minuteMs));
    assert.deepEqual(items.map(({ prediction: { id } }) => id).sort(), ['large', 'next']);
  });

  it('wait while the database is away, and are drawn once', async (t) => {
    const store = await openSqliteStore({ file: ':memory:', now: () => noonMs });
    let isAway = true;
    const seen: (readonly KeptAnswer[])[] = [];
    const keeping: Store['keeping'] = {
      ...store.keeping,
      keep: async (answers) => {
        seen.push(answers);
        // The first time it is written, and nobody is told.
        const kept = seen.length === 1 ? await store.keeping.keep(answers) : [];
        if (isAway) throw new StoreError('database_unavailable', 'away');
        return [...kept, ...(await store.keeping.keep(answers))];
      },
    };
    const { kept, answer } = await open(t, { keeping, rate: () => 0.5 }, store);
    for (let i = 0; i < 10; i++) await answer(`a${i}`);
    for (let tries = 0; tries < 3; tries++)
      await assert.rejects(kept.settle(), { code: 'database_unavailable' });
    isAway = false;
    await kept.settle();
    assert.equal(new Set(seen).size, 1);
    const items = await store.reviewing.claim(by('ada', 99, minuteMs));
    assert.equal(items.length, 5);
  });

  it('of another process that ended before its audits entered are audited all the same', async (t) => {
    const { store, kept } = await open(t);
    const record = prediction({ id: 'left', decision: 'auto', reasons: [], inclusionProbability: 0.1 });
    await recordOne(store, record, null);
    const left = { id: 'left', image: imageOf(1), bytes: 1, keptMs: noonMs, inclusionProbability: 0.1 };
    await store.keeping.keep([{ ...left, dueMs: noonMs }]);
    await kept.settle();
    const [item] = await store.reviewing.claim(by('ada', 9, minuteMs));
    assert.equal(item?.prediction.id, 'left');
  });

  it('are kept at the end, when the service stops', async (t) => {
    const { store, kept, answer } = await open(t);
    await answer('last');
    await kept.close();
    assert.notEqual(await store.images.get('last'), null);
    assert.equal(kept.chanceOf({ caller: 'shop', stream: 'other', predictedLabel: 'Shirt' }), 0);
  });

  it('that cannot be read are told and left out', async (t) => {
    const { store, kept, answer, problems } = await open(t, { rate: () => 0 });
    await answer('good');
    kept.add({
      ...{ id: 'bad', caller: 'shop', stream: 'other', predictedLabel: 'Shirt', chance: 0, bytes: 3 },
      image: () => Promise.reject(new Error('unreadable')),
    });
    await kept.settle();
    assert.match(String(problems), /unreadable/);
    assert.equal((await store.keeping.totals()).images, 1);
  });

  it('take places among the others by the law of the others', async (t) => {
    const { store, kept, answer } = await open(t, { rate: () => 1, keepBytes: 1e6 });
    for (let i = 0; i < 50; i++)
      await recordOne(store, prediction({ id: `r${i}`, priority: 1 + i / 10 }), null);
    for (let i = 0; i < 50; i++) await answer(`a${i}`);
    await kept.settle();
    assert.equal((await store.keeping.recentPriorities(modelDigest, 99)).length, 50);
    const first = await store.reviewing.claim(by('ada', 50, minuteMs));
    const audits = first.filter(({ review }) => review.inclusionProbability !== null).length;
    assert.ok(audits >= 12 && audits <= 38, `${audits} of the first 50 are audits`);
  });
});
