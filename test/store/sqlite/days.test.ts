import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { modelDigest, prediction } from '../../../support/store-fixture.ts';
import { temporaryFile } from './temporary-file.ts';
import { recordOne } from '../../../support/record-one.ts';

const range = { modelDigest, gateId: 'gate-1', sinceMs: Date.UTC(2026, 0, 1), days: 20 };

describe('counting many days', () => {
  it('lets a prediction be recorded in between', async (t) => {
    const queue = await openSqliteStore({ file: await temporaryFile(t) });
    const order: string[] = [];
    const counting = queue.figures.dayCounts(range).then(({ length }) => order.push(`${length} days`));
    await recordOne(queue, prediction({ id: 'a' }), null).then(() => order.push('recorded'));
    await counting;
    assert.deepEqual(order, ['recorded', '20 days']);
    await queue.close();
  });

  it('ends when the queue is closed', async (t) => {
    const queue = await openSqliteStore({ file: await temporaryFile(t) });
    const counting = assert.rejects(queue.figures.dayCounts(range), { code: 'queue_closed' });
    await queue.close();
    await counting;
  });
});
