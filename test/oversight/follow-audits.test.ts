import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type AuditQuestion, followAudits } from '../../src/oversight/follow-audits.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { auditAnswers } from '../../support/audited-gate.ts';
import {
  auditOf,
  labelNext,
  minuteMs,
  modelDigest,
  noonMs,
  recordAudit,
} from '../../support/store-fixture.ts';

const question: AuditQuestion = {
  key: 'gate-1',
  gateId: 'gate-1',
  promised: 0.02,
  confidence: 0.95,
  groupOf: () => null,
  sinceMs: () => 0,
  isApart: () => false,
};

async function open(t: TestContext) {
  const clock = { ms: noonMs };
  const store = await openSqliteStore({ file: ':memory:', now: () => clock.ms });
  t.after(() => store.close());
  let read = 0;
  const figures: Parameters<typeof followAudits>[0]['figures'] = {
    auditLabels: async (range) => {
      const page = await store.figures.auditLabels(range);
      read += page.labels.length;
      return page;
    },
  };
  const follow = () => followAudits({ figures, modelDigest, now: () => clock.ms });
  const countsOf = async (follower: ReturnType<typeof follow>): Promise<[number, number]> => {
    const { labels, errors } = (await follower.look(question)).get(null)!;
    return [labels, errors];
  };
  return { clock, store, follow, countsOf, readSoFar: () => read };
}

describe('following audits', () => {
  it('takes every label once, however often it looks', async (t) => {
    const { clock, store, follow, countsOf } = await open(t);
    const follower = follow();
    for (let i = 1; i <= 5; i++) {
      await auditAnswers(store, clock, { wrong: 1, right: 2 });
      assert.deepEqual(await countsOf(follower), [3 * i, i]);
      assert.deepEqual(await countsOf(follower), [3 * i, i]);
    }
  });

  it('reads no label anew that has stood for a while, and says what one says who reads all', async (t) => {
    const { clock, store, follow, readSoFar } = await open(t);
    const follower = follow();
    await auditAnswers(store, clock, { wrong: 3, right: 30 });
    clock.ms += 60 * minuteMs;
    await follower.look(question);
    const before = readSoFar();
    await auditAnswers(store, clock, { wrong: 1, right: 4 });
    const found = await follower.look(question);
    assert.equal(readSoFar() - before, 5);
    assert.deepEqual(found, await follow().look(question));
  });

  it('takes back what was taken back, young or old', async (t) => {
    const { clock, store, follow, countsOf } = await open(t);
    const follower = follow();
    await recordAudit(store, { id: 'mistake', createdMs: clock.ms });
    const [claim] = await store.reviewing.claim({
      ...{ reviewer: 'ada', modelDigest, limit: 1, leaseMs: minuteMs },
    });
    await store.reviewing.label(auditOf('mistake'), claim!.lease, {
      ...{ reviewer: 'ada', label: 'Coat', note: null },
    });
    await labelNext(store, 'ben', 'Coat');
    await auditAnswers(store, clock, { right: 2 });
    assert.deepEqual(await countsOf(follower), [3, 1]);
    clock.ms += 60 * minuteMs;
    assert.deepEqual(await countsOf(follower), [3, 1]);
    const undone = await store.reviewing.undo(auditOf('mistake'), { reviewer: 'ada', leaseMs: minuteMs });
    assert.ok(typeof undone === 'object');
    assert.deepEqual(await countsOf(follower), [2, 0]);
    await store.reviewing.label(auditOf('mistake'), undone.lease, {
      ...{ reviewer: 'ada', label: 'Shirt', note: null },
    });
    await labelNext(store, 'cleo', 'Shirt');
    assert.deepEqual(await countsOf(follower), [3, 0]);
  });

  it('begins anew for another question', async (t) => {
    const { clock, store, follow } = await open(t);
    const follower = follow();
    await auditAnswers(store, clock, { wrong: 1 });
    await auditAnswers(store, clock, { gateId: 'gate-2', wrong: 2 });
    clock.ms += 60 * minuteMs;
    assert.equal((await follower.look(question)).get(null)!.errors, 1);
    const another = await follower.look({ ...question, key: 'gate-2', gateId: 'gate-2' });
    assert.equal(another.get(null)!.errors, 2);
  });
});
