import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  createPromiseWatch,
  type PromiseWatch,
  type PromisingGate,
} from '../../src/oversight/promise-watch.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { streamGroups } from '../../src/store/stream-group.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { auditAnswers, promisingGate, WRONG_ENOUGH } from '../../support/audited-gate.ts';
import { modelDigest, noonMs } from '../../support/store-fixture.ts';

async function open(t: TestContext) {
  const clock = { ms: noonMs };
  const store = await openSqliteStore({ file: ':memory:', now: () => clock.ms });
  t.after(() => store.close());
  const inUse: { gate: PromisingGate | null } = { gate: promisingGate('gate-1') };
  const closed: string[] = [];
  /** Another replica. */
  const watchOver = (
    through: Pick<Store, 'closings' | 'figures'> = store,
    groupOf: (stream: string | null) => string | null = () => null,
  ): PromiseWatch =>
    createPromiseWatch({
      store: through,
      modelDigest,
      gate: () => inUse.gate,
      groupOf,
      now: () => clock.ms,
      onClosed: (gateId) => closed.push(gateId),
    });
  return { clock, store, inUse, closed, watchOver };
}

const lead = { stream: null, by: 'lea', why: 'the lamp is repaired' };

describe('the watch over the promise', () => {
  it('closes the gate on proof, and not on errors that prove nothing', async (t) => {
    const { clock, store, closed, watchOver } = await open(t);
    const watch = watchOver();
    await auditAnswers(store, clock, { wrong: 3, right: 100 });
    await watch.check();
    assert.equal(watch.isClosed('gate-1', null), false);
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    assert.equal(watch.isClosed('gate-1', null), false, 'nobody has looked yet');
    await watch.check();
    assert.equal(watch.isClosed('gate-1', null), true);
    assert.equal(watch.isClosed('gate-1', 'camera-1'), true, 'all streams are closed');
    assert.equal(watch.isClosed('gate-2', null), false);
    const [closing] = watch.closed();
    assert.deepEqual(
      [closing!.proof.promised, closing!.proof.labels, closing!.proof.errors],
      [0.02, 103 + WRONG_ENOUGH, 3 + WRONG_ENOUGH],
    );
    await watch.check();
    assert.deepEqual(closed, ['gate-1']);
  });

  it('is obeyed by every replica once it has looked, and by one that starts', async (t) => {
    const { clock, store, closed, watchOver } = await open(t);
    const [here, there] = [watchOver(), watchOver()];
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    await Promise.all([here.check(), there.check()]);
    assert.deepEqual(
      [here, there].map((one) => one.isClosed('gate-1', null)),
      [true, true],
    );
    assert.equal(closed.length, 1, 'one of them has written it');
    const started = watchOver();
    await started.check();
    assert.equal(started.isClosed('gate-1', null), true);
  });

  it('closes at once here, although it cannot be written, and writes it later', async (t) => {
    const { clock, store, watchOver } = await open(t);
    let isDown = true;
    const watch = watchOver({
      ...store,
      closings: {
        ...store.closings,
        close: (...given: Parameters<Store['closings']['close']>) =>
          isDown
            ? Promise.reject(new StoreError('database_unavailable', 'the database does not answer'))
            : store.closings.close(given[0], given[1], given[2]),
      },
    });
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    await assert.rejects(watch.check(), { code: 'database_unavailable' });
    assert.equal(watch.isClosed('gate-1', null), true);
    isDown = false;
    await watch.check();
    assert.equal(watch.isClosed('gate-1', null), true);
    assert.equal((await store.closings.of(modelDigest)).length, 1);
  });

  it('leaves another gate alone, and closes the former one again when it comes back', async (t) => {
    const { clock, store, inUse, watchOver } = await open(t);
    const watch = watchOver();
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    await watch.check();
    inUse.gate = promisingGate('gate-2');
    await watch.check();
    assert.deepEqual([watch.isClosed('gate-2', null), watch.closed()], [false, []]);
    inUse.gate = promisingGate('gate-1');
    assert.equal(watch.isClosed('gate-1', null), true);
    assert.equal(watch.closed().length, 1);
  });

  it('opens it again for a lead, and tests answers from then on alone', async (t) => {
    const { clock, store, watchOver } = await open(t);
    const [watch, other] = [watchOver(), watchOver()];
    assert.equal(await watch.reopen(lead), 'not_closed');
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    await watch.check();
    clock.ms += 1000;
    assert.equal(await watch.reopen(lead), 'done');
    assert.equal(watch.isClosed('gate-1', null), false);
    await other.check();
    assert.equal(other.isClosed('gate-1', null), false, 'the errors of before prove nothing any more');
    assert.equal((await watch.evidence())!.get(null)!.labels, 0);
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    await watch.check();
    assert.equal(watch.isClosed('gate-1', null), true, 'it is still broken');
    assert.deepEqual(
      (await store.closings.of(modelDigest)).map(({ reopened }) => reopened?.by ?? null),
      ['lea', null],
    );
  });

  it('does not write a proof that a reopening has overtaken', async (t) => {
    const { clock, store, watchOver } = await open(t);
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    // While it looks, another replica closes the gate and a lead reopens it.
    const other = watchOver();
    let looks = 0;
    const slow = watchOver({
      ...store,
      figures: {
        ...store.figures,
        auditLabels: async (range) => {
          const page = await store.figures.auditLabels(range);
          if (looks++ === 0) {
            await other.check();
            clock.ms += 1000;
            await other.reopen(lead);
          }
          return page;
        },
      },
    });
    await slow.check();
    assert.equal(slow.isClosed('gate-1', null), false);
    assert.equal((await store.closings.of(modelDigest)).length, 1);
  });

  it('closes one stream, keeps it closed when streams are told apart no more, and leaves others alone', async (t) => {
    const { clock, store, inUse, closed, watchOver } = await open(t);
    const watch = watchOver(store, streamGroups(['camera-1', 'camera-2']));
    await auditAnswers(store, clock, { right: 20, stream: 'camera-2' });
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH, stream: 'camera-1' });
    await watch.check();
    const isClosed = (one: PromiseWatch, stream: string | null) => one.isClosed('gate-1', stream);
    assert.equal(isClosed(watch, 'camera-1'), true);
    for (const stream of ['camera-2', 'camera-3', null]) assert.equal(isClosed(watch, stream), false);
    assert.equal(closed.length, 1);
    inUse.gate = promisingGate('gate-2');
    const apart = watchOver(store, streamGroups(['camera-2']));
    await apart.check();
    assert.deepEqual([isClosed(apart, 'camera-1'), isClosed(apart, 'camera-3')], [true, false]);
  });

  it('tests nothing where nothing is promised', async (t) => {
    const { clock, store, inUse, watchOver } = await open(t);
    await auditAnswers(store, clock, { wrong: WRONG_ENOUGH });
    for (const gate of [null, promisingGate('gate-1', null), promisingGate('gate-1', 1)]) {
      inUse.gate = gate;
      const watch = watchOver();
      await watch.check();
      assert.deepEqual([await watch.evidence(), watch.isClosed('gate-1', null)], [null, false]);
    }
    inUse.gate = null;
    assert.equal(await watchOver().reopen(lead), 'no_gate');
  });
});
