import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExportedLabel } from '../../../src/store/labels.ts';
import type { Store } from '../../../src/store/store.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import {
  auditOf,
  by,
  labelNext,
  minuteMs,
  modelDigest,
  noonMs,
  prediction,
  readSealed,
  recordAudit,
  recordItems,
  sealAndRead as exported,
  type OpenFixture,
} from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const ids = (labels: readonly ExportedLabel[]): string[] => labels.map(({ id }) => id);

const automatic = (id: string) =>
  prediction({
    ...{ id, decision: 'auto', reasons: [], predictedLabel: 'Bag', inclusionProbability: 0.01 },
    stream: 'camera-1',
  });

export function describeExporting(open: OpenFixture): void {
  describe('the export', () => {
    it('gives the final labels of machine and people, with who, when, why and how probable', async (t) => {
      const { queue, clock } = await open(t);
      await recordOne(queue, automatic('a'), null);
      await recordOne(queue, prediction({ id: 'b', reasons: ['unconfident'] }), null);
      clock.ms += 1000;
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.label('b', claim!.lease, { label: 'Coat', reviewer: 'ada', note: 'lapels' });
      const common = { createdMs: noonMs, modelDigest, gateId: 'gate-1', inputHash: '9f86d081884c7d65' };
      assert.deepEqual(
        (await exported(queue, { since: null })).map(({ cursor: _cursor, ...label }) => label),
        [
          {
            ...{ id: 'a', label: 'Bag', source: 'machine', reviewers: [], note: null, decidedMs: noonMs },
            ...{ reasons: [], inclusionProbability: 0.01, predictedLabel: 'Bag', ...common },
            ...{ predictionId: 'a', itemId: null, imageId: null, stream: 'camera-1' },
          },
          {
            ...{ id: 'b', label: 'Coat', source: 'human', reviewers: ['ada'], note: 'lapels' },
            ...{ decidedMs: noonMs + 1000, reasons: ['unconfident'], inclusionProbability: 1 },
            ...{
              predictedLabel: 'Shirt',
              ...common,
              predictionId: 'b',
              itemId: 'b',
              imageId: 'b',
              stream: null,
            },
          },
        ],
      );
    });

    it('goes on behind the cursor, and gives each label once', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ada', 'Shirt');
      const first = await exported(queue, { since: null });
      assert.deepEqual(ids(first).sort(), ['a', 'b']);
      const since = first.at(-1)!.cursor;
      assert.deepEqual(await exported(queue, { since }), []);
      await labelNext(queue, 'ada', 'Coat');
      assert.deepEqual(ids(await exported(queue, { since })), ['c']);
      assert.deepEqual(await exported(queue, { since: null, limit: 2 }), first);
    });

    it('gives sealed labels alone, and seals none by being read', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      assert.deepEqual(await readSealed(queue), []);
      const undone = await queue.reviewing.undo('a', { reviewer: 'ada', leaseMs: minuteMs });
      assert.notEqual(undone, 'label_exported');
    });

    it('seals each label once, and says how many and up to where', async (t) => {
      const { queue } = await open(t);
      assert.deepEqual(await queue.labels.seal({ who: 'trainer' }), { count: 0, cursor: null });
      await recordItems(queue, { a: 3, b: 2, c: 1 });
      for (const label of ['Shirt', 'Coat', 'Bag']) await labelNext(queue, 'ada', label);
      const first = await queue.labels.seal({ who: 'trainer', limit: 2 });
      assert.equal(first.count, 2);
      assert.equal((await queue.labels.seal({ who: 'trainer' })).count, 1);
      const again = await queue.labels.seal({ who: 'trainer' });
      assert.equal(again.count, 0);
      const labels = await readSealed(queue);
      assert.deepEqual([labels[1]!.cursor, labels[2]!.cursor], [first.cursor, again.cursor]);
    });

    it('seals more than one transaction takes', async (t) => {
      const { queue } = await open(t);
      const names = Array.from({ length: 2001 }, (_, i) => `item-${i}`);
      await Promise.all(names.map((id) => recordOne(queue, automatic(id), null)));
      assert.equal((await queue.labels.seal({ who: 'trainer' })).count, names.length);
      assert.deepEqual(ids(await exported(queue, { since: null })).toSorted(), names.toSorted());
    });

    it('is written into the audit trail where it seals, and not where there is nothing to seal', async (t) => {
      const { queue } = await open(t);
      await queue.labels.seal({ who: 'trainer' });
      await recordOne(queue, automatic('a'), null);
      const { cursor } = await queue.labels.seal({ who: 'trainer' });
      const { entries } = await queue.trail.read({ act: 'labels_sealed', limit: 10 });
      assert.deepEqual(
        entries.map(({ who, detail }) => ({ who, detail })),
        [{ who: 'trainer', detail: { count: 1, until: cursor } }],
      );
    });

    it('seals each label for one of several that seal at once', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      const names = Array.from({ length: 40 }, (_, i) => `item-${i}`);
      await Promise.all(names.map((id) => recordOne(queue, automatic(id), null)));
      const sealed = await Promise.all(
        [queue, other, queue, other].map((store) => store.labels.seal({ who: 'trainer' })),
      );
      assert.equal(
        sealed.reduce((sum, { count }) => sum + count, 0),
        names.length,
      );
    });

    it('seals no more than the limit', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { a: 2, b: 1 });
      await labelNext(queue, 'ada', 'Shirt');
      await labelNext(queue, 'ada', 'Shirt');
      assert.equal((await exported(queue, { since: null, limit: 1 })).length, 1);
      const undos = await Promise.all(
        ['a', 'b'].map((id) => queue.reviewing.undo(id, { reviewer: 'ada', leaseMs: minuteMs })),
      );
      assert.equal(undos.filter((outcome) => outcome === 'label_exported').length, 1);
    });

    it('leaves out what is discarded', async (t) => {
      const { queue } = await open(t);
      await recordItems(queue, { discarded: 2 });
      const [claim] = await queue.reviewing.claim(by('ada', 1, minuteMs));
      await queue.reviewing.discard('discarded', claim!.lease, { reviewer: 'ada', note: null });
      assert.deepEqual(await exported(queue, { since: null }), []);
    });

    it('gives an audited answer’s label like that of others, and what people say of it beside', async (t) => {
      const { queue, clock } = await open(t);
      await recordOne(queue, automatic('plain'), null);
      await recordAudit(queue, { ...automatic('audited'), inclusionProbability: 0.25 });
      const before = await exported(queue, { since: null });
      assert.deepEqual(
        before.map(({ id, label, source, reasons, itemId }) => [id, label, source, reasons, itemId]).sort(),
        [
          ['audited', 'Bag', 'machine', [], null],
          ['plain', 'Bag', 'machine', [], null],
        ],
      );
      clock.ms += 1000;
      for (const who of ['ada', 'ben']) await labelNext(queue, who, 'Coat');
      const [beside, ...others] = await exported(queue, { since: before.at(-1)!.cursor });
      assert.deepEqual(others, []);
      assert.deepEqual(
        [beside?.id, beside?.predictionId, beside?.itemId, beside?.label, beside?.source, beside?.reasons],
        [auditOf('audited'), 'audited', auditOf('audited'), 'Coat', 'human', ['audit']],
      );
      assert.deepEqual([beside?.inclusionProbability, beside?.predictedLabel], [0.25, 'Bag']);
      assert.deepEqual((await exported(queue, { since: null })).slice(0, 2), before);
    });

    it('takes back what people said of an audit, and not the machine’s label', async (t) => {
      const { queue } = await open(t);
      await recordAudit(queue, automatic('audited'));
      await labelNext(queue, 'ada', 'Coat');
      await queue.reviewing.undo(auditOf('audited'), { reviewer: 'ada', leaseMs: minuteMs });
      assert.deepEqual(ids(await exported(queue, { since: null })), ['audited']);
    });

    it('misses and repeats nothing while others write and read', async (t) => {
      const { queue, openAnother } = await open(t);
      const other = await openAnother();
      const all = Array.from({ length: 60 }, (_, i) => `item-${i}`);
      const write = async (writer: Store, mine: string[]): Promise<void> => {
        for (const id of mine) await recordOne(writer, automatic(id), null);
      };
      let writing = true;
      const pull = async (): Promise<ExportedLabel[]> => {
        const received: ExportedLabel[] = [];
        for (let last = false; !last;) {
          last = !writing;
          const since = received.at(-1)?.cursor ?? null;
          for (const one of await exported(received.length % 2 === 0 ? queue : other, { since, limit: 7 }))
            received.push(one);
          if (received.length === all.length) return received;
        }
        const since = received.at(-1)?.cursor ?? null;
        return [...received, ...(await exported(queue, { since }))];
      };
      const writers = [0, 1, 2, 3].map((k) =>
        write(
          k % 2 === 0 ? queue : other,
          all.filter((_, i) => i % 4 === k),
        ),
      );
      const written = Promise.all(writers).then(() => (writing = false));
      const [first, second] = await Promise.all([pull(), pull(), written]);
      assert.deepEqual(ids(first).sort(), all.toSorted());
      assert.deepEqual(first, second);
    });

    it('refuses a cursor that is none', async (t) => {
      const { queue } = await open(t);
      await assert.rejects(
        exported(queue, { since: 'yesterday' }),
        (error) => error instanceof StoreError && error.code === 'bad_cursor',
      );
    });
  });
}
