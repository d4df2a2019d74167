import assert from 'node:assert/strict';
import { after, describe, it, type TestContext } from 'node:test';
import { migrations as postgresSteps } from '../../src/store/postgres/migrate.ts';
import { REVIEW_STATES } from '../../src/store/review-status.ts';
import { migrations as sqliteSteps } from '../../src/store/sqlite/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { anyServer } from '../../support/postgres-server.ts';
import {
  by,
  idsOf,
  minuteMs,
  modelDigest,
  noonMs,
  prediction,
  sealAndRead as exported,
} from '../../support/store-fixture.ts';
import {
  type Fact,
  factsOf,
  fill,
  imageBytes,
  isDecided,
  leaseEndsMs,
  placeOf,
  type Release,
} from './upgrading/filled.ts';
import { type OldDatabase, oldPostgres, oldSqlite } from './upgrading/old-database.ts';
import { smallest } from '../../src/numerics/extremes.ts';

const server = await anyServer();
after(() => server.stop());

const first: Release = {
  hasModels: false,
  hasOutcomes: false,
  hasRequestKeys: false,
  hasTrail: false,
  hasItemsApart: false,
  hasStreams: false,
  repeatsAnswers: false,
};
const outcomes: Release = { ...first, hasModels: true, hasOutcomes: true };
const keys: Release = { ...outcomes, hasRequestKeys: true };
const trail: Release = { ...keys, hasTrail: true };
const apart: Release = { ...trail, hasItemsApart: true };
const streams: Release = { ...apart, hasStreams: true };
const inPostgres = (release: Release): Release => ({ ...release, repeatsAnswers: true });

/** What each version of the schema has, from the first on. */
const RELEASES = {
  SQLite: [
    first,
    { ...first, hasModels: true },
    outcomes,
    outcomes,
    keys,
    trail,
    trail,
    apart,
    streams,
    streams,
    streams,
    streams,
  ],
  PostgreSQL: [outcomes, outcomes, keys, trail, trail, apart, streams, streams, streams, streams].map(
    inPostgres,
  ),
};

/** Every page of a list, one item each. */
async function listed(store: Store, order: 'newest' | 'most_sensitive'): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await store.items.list({ order, limit: 1, ...(cursor !== undefined && { cursor }) });
    for (const one of idsOf(page.items)) ids.push(one);
    if (page.nextCursor === null) return ids;
    cursor = page.nextCursor;
  }
}

const ids = (facts: readonly Fact[]): string[] => facts.map(({ id }) => id);
const inOrder = (facts: readonly Fact[]): Fact[] =>
  facts.toSorted((a, b) => placeOf(b) - placeOf(a) || a.createdMs - b.createdMs);

function describeUpgrades(
  name: 'SQLite' | 'PostgreSQL',
  latest: number,
  create: (version: number) => Promise<OldDatabase>,
): void {
  describe(`a database of ${name}`, () => {
    it('is known in every version that there has been', () => {
      assert.equal(RELEASES[name].length, latest);
    });

    for (const [i, release] of RELEASES[name].entries()) {
      const facts = factsOf(release);
      const items = facts.filter(({ state }) => state !== null);

      describe(`of version ${i + 1} is brought forward`, () => {
        async function upgraded(t: TestContext): Promise<Store> {
          const old = await create(i + 1);
          await fill(old, release);
          const store = await old.upgrade(noonMs);
          t.after(async () => {
            await store.close();
            await old.remove();
          });
          return store;
        }

        it('with every record, its answer, image and opinions', async (t) => {
          const store = await upgraded(t);
          for (const fact of facts) {
            const { id, decision, reasons, priority, model, createdMs, state, assignedTo, decidedMs } = fact;
            const inclusionProbability = decision === 'review' ? 1 : release.hasOutcomes ? 0.01 : 0;
            const found = await store.records.find(id);
            assert.deepEqual(
              found?.prediction,
              prediction({
                caller: release.hasItemsApart ? 'shop' : '',
                stream: release.hasStreams ? 'camera-1' : null,
                ...{ id, decision, reasons, priority, createdMs, inclusionProbability },
                modelDigest: model,
              }),
            );
            if (state === null) {
              assert.equal(found.review, null);
              continue;
            }
            const last = isDecided(fact) ? fact.opinions.at(-1)! : null;
            assert.deepEqual(found.review, {
              ...{ id, createdMs, priority: placeOf(fact), reasons },
              inclusionProbability: decision === 'auto' ? inclusionProbability : null,
              state,
              reviewer: state === 'claimed' ? 'ada' : (last?.reviewer ?? null),
              leaseExpiresMs: state === 'claimed' ? leaseEndsMs : null,
              label: state === 'labelled' ? last!.label : null,
              finding: null,
              decidedMs: last === null ? null : decidedMs,
              note: last?.note ?? null,
              assignedTo,
              opinions: fact.opinions.map((opinion) => ({ ...opinion, finding: null, givenMs: decidedMs })),
            });
            const image = await store.images.get(id);
            assert.deepEqual(image && [...image.bytes], id === 'torn' ? null : [...imageBytes]);
          }
        });

        it('with its totals', async (t) => {
          const store = await upgraded(t);
          const counts = REVIEW_STATES.map((state) => [
            state,
            items.filter((one) => one.state === state).length,
          ]);
          const waiting = items.filter(({ state }) => state === 'pending' || state === 'claimed');
          assert.deepEqual(await store.figures.statistics(), {
            items: Object.fromEntries(counts) as unknown,
            oldestWaitingMs: smallest(waiting.map(({ createdMs }) => createdMs)),
          });
          const given = (reviewer: string, isLabel: boolean): number =>
            items
              .flatMap(({ opinions }) => opinions)
              .filter((one) => one.reviewer === reviewer && (one.label !== null) === isLabel).length;
          const reviewers = release.hasOutcomes ? ['ada', 'ben'] : ['ada'];
          assert.deepEqual(
            await store.figures.progress(0),
            reviewers.map((reviewer) => ({
              ...{ reviewer, labelled: given(reviewer, true), discarded: given(reviewer, false) },
            })),
          );
          const window = { modelDigest, gateId: 'gate-1', sinceMs: 0 };
          const alike = { agrees: true, inclusionProbability: 0.01 };
          assert.deepEqual(await store.figures.auditOutcomes(window), {
            autoDecisions: facts.filter(({ decision }) => decision === 'auto').length,
            outcomes: release.hasOutcomes ? [{ ...alike, stream: 'other', count: 1 }] : [],
            unjudged: [],
          });
          const [day] = await store.figures.dayCounts({
            ...window,
            sinceMs: Date.UTC(2026, 0, 1),
            days: 1,
          });
          assert.equal(day!.labelled + day!.discarded, items.flatMap(({ opinions }) => opinions).length);
          assert.equal(
            (await store.figures.recentDecisions({ modelDigest, limit: 100 })).length,
            facts.length - 1,
          );
        });

        it('with its labels, in the order of export', async (t) => {
          const store = await upgraded(t);
          const final = facts.filter(({ state }) => state === null || state === 'labelled');
          const decidedMs = ({ state, createdMs, decidedMs: ms }: Fact): number =>
            state === null ? createdMs : ms;
          const expected = final
            .toSorted((a, b) => (a.place ?? 99) - (b.place ?? 99) || decidedMs(a) - decidedMs(b))
            .map((fact, place) => {
              const [opinion] = fact.opinions;
              const source = opinion === undefined ? 'machine' : 'human';
              const reviewers = opinion === undefined ? [] : [opinion.reviewer];
              return [
                String(place + 1),
                fact.id,
                opinion?.label ?? 'Shirt',
                source,
                reviewers,
                decidedMs(fact),
              ];
            });
          const labels = await exported(store);
          assert.deepEqual(
            labels.map((one) => [one.cursor, one.id, one.label, one.source, one.reviewers, one.decidedMs]),
            expected,
          );
          const undone = await store.reviewing.undo('done', { reviewer: 'ada', leaseMs: minuteMs });
          assert.equal(undone, 'label_exported');
        });

        it('with its lists, by state, label and reason, and as a reviewer sees them', async (t) => {
          const store = await upgraded(t);
          const newest = items.toSorted((a, b) => b.createdMs - a.createdMs);
          assert.deepEqual(await listed(store, 'newest'), ids(newest));
          assert.deepEqual(await listed(store, 'most_sensitive'), ids(inOrder(items)));
          const page = { order: 'most_sensitive', limit: 100 } as const;
          for (const state of REVIEW_STATES) {
            const expected = inOrder(items.filter((one) => one.state === state));
            assert.deepEqual(idsOf((await store.items.list({ ...page, state })).items), ids(expected), state);
          }
          assert.deepEqual(idsOf((await store.items.list({ ...page, label: 'Coat' })).items), ['done']);
          const ofStream = await store.items.list({ ...page, stream: 'camera-1' });
          assert.deepEqual(idsOf(ofStream.items), release.hasStreams ? ids(inOrder(items)) : []);
          const unconfident = await store.items.list({ ...page, reason: 'unconfident', state: 'labelled' });
          assert.deepEqual(idsOf(unconfident.items), ['done']);
          const seen = await store.items.list({ ...page, state: 'labelled', seenBy: 'ada' });
          const answered = items.filter(
            ({ state, opinions }) =>
              state === 'labelled' || opinions.some(({ reviewer }) => reviewer === 'ada'),
          );
          assert.deepEqual(idsOf(seen.items).sort(), ids(answered).sort());
        });

        it('with its histories, and what was done to the service', async (t) => {
          const store = await upgraded(t);
          const actsOf = async (id: string) => (await store.items.history(id))?.map(({ act }) => act);
          assert.deepEqual(await actsOf('free'), ['recorded']);
          assert.deepEqual(await actsOf('done'), ['recorded', 'labelled']);
          assert.equal(await actsOf('auto'), undefined);
          if (release.hasOutcomes) {
            assert.deepEqual(await actsOf('sealed'), ['recorded', 'labelled', 'exported']);
            assert.deepEqual(await actsOf('torn'), ['recorded', 'discarded', 'image_deleted']);
            assert.deepEqual(await actsOf('disputed'), ['recorded', 'labelled', 'labelled']);
          }
          const { entries } = await store.trail.read({ limit: 100 });
          const answers = items.flatMap(({ id, opinions, decidedMs }) =>
            opinions.map(({ reviewer, label }) => [
              decidedMs,
              label === null ? 'discarded' : 'labelled',
              reviewer,
              id,
            ]),
          );
          assert.deepEqual(
            entries
              .filter(({ item }) => item !== null)
              .map(({ atMs, act, who, item }) => [atMs, act, who, item])
              .sort(),
            answers.sort(),
          );
          assert.deepEqual(
            entries.filter(({ item }) => item === null).map(({ act, who, detail }) => [act, who, detail]),
            release.hasTrail
              ? [
                  ['labels_exported', 'trainer', { format: 'jsonl' }],
                  ['gate_changed', null, { from: null, to: { id: 'gate-1' } }],
                ]
              : [],
          );
          const isNew = await store.trail.recordChange({ act: 'gate_changed', state: { id: 'gate-1' } });
          assert.equal(isNew, !release.hasTrail);
          const known = await store.records.findRequest({ caller: 'shop', key: 'order-7' });
          assert.deepEqual(
            known,
            release.hasRequestKeys ? { fingerprint: 'f', ids: ['free', 'auto'] } : null,
          );
        });

        it('with its leases, skips and assignments', async (t) => {
          const store = await upgraded(t);
          const claims = await store.reviewing.claim(by('cleo', 10, minuteMs));
          const assigned = release.hasOutcomes ? ['half'] : [];
          assert.deepEqual(idsOf(claims), [...assigned, 'free', 'lapsed', 'unmeasured', 'skipped']);
          const coat = { label: 'Coat', reviewer: 'ada', note: null };
          assert.equal(await store.reviewing.label('held', 'held-lease', coat), 'done');
          // The same answer with the same lease is done again.
          assert.equal(await store.reviewing.label('done', 'done-lease', coat), 'done');
          assert.equal(
            await store.reviewing.renew('lapsed', { lease: 'lapsed-lease', reviewer: 'ada' }, minuteMs),
            'lease_lost',
          );
          const { labelled } = (await store.figures.statistics()).items;
          assert.equal(labelled, items.filter(({ state }) => state === 'labelled').length + 1);
        });
      });
    }
  });
}

describeUpgrades('SQLite', sqliteSteps().length, oldSqlite);
describeUpgrades('PostgreSQL', postgresSteps().length, (version) => oldPostgres(server, version));
