import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Reference } from '../../src/gate/reference.ts';
import { createUniform } from '../../src/numerics/random.ts';
import {
  type ChangeWatch,
  type ChangeWatchDeps,
  createChangeWatch,
  type WatchedGate,
} from '../../src/oversight/change/change-watch.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { streamGroups } from '../../src/store/stream-group.ts';
import { temporaryFolder } from '../dataset/files.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const reference: Reference = {
  images: 2000,
  unfamiliar: 20,
  tails: [
    { signal: 'confidence', side: 'below', cut: 0.1, beyond: 200 },
    { signal: 'confidence', side: 'above', cut: 0.9, beyond: 200 },
  ],
  labels: [1000, 1000],
};

interface Scene {
  readonly store: Store;
  readonly clock: { ms: number };
  readonly raised: (string | null)[];
  readonly gate: { current: WatchedGate | null };
  readonly open: (changes?: Partial<ChangeWatchDeps>) => Promise<ChangeWatch>;
  /** Has the watch see images of a stream, of which a share is unfamiliar, a second each. */
  readonly feed: (watch: ChangeWatch, count: number, unfamiliar: number, stream?: string | null) => void;
}

const gateWith = (id: string): WatchedGate => ({ id, calibration: { reference } });

async function scene(t: TestContext): Promise<Scene> {
  const clock = { ms: NOON };
  const file = `${await temporaryFolder(t)}/x.db`;
  const store = await openSqliteStore({ file, now: () => clock.ms });
  t.after(() => store.close());
  const raised: (string | null)[] = [];
  const gate = { current: gateWith('gate-1') as WatchedGate | null };
  const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
  let opened = 0;
  return {
    ...{ store, clock, raised, gate },
    open: async (changes) => {
      const watch = createChangeWatch({
        alarms: store.alarms,
        modelDigest: 'sha256:m',
        labels: ['dark', 'light'],
        gate: () => gate.current,
        groupOf: streamGroups(['camera-1', 'camera-2']),
        byGroup: true,
        spacingMs: 0,
        holder: `process-${opened++}`,
        now: () => clock.ms,
        onRaised: ({ stream }) => raised.push(stream),
        ...changes,
      });
      await watch.check();
      return watch;
    },
    feed: (watch, count, unfamiliar, stream = 'camera-1') => {
      for (let i = 0; i < count; i++) {
        clock.ms += 1000;
        watch.observe({
          stream,
          gateId: gate.current?.id ?? '',
          unfamiliar: uniform() < unfamiliar,
          signals: { confidence: uniform() },
          predicted: Math.floor(2 * uniform()),
        });
      }
    },
  };
}

describe('the watch for change', () => {
  it('raises an alarm for the stream that has changed, says since when, and for no other', async (t) => {
    const { open, feed, raised, clock } = await scene(t);
    const watch = await open();
    for (let i = 0; i < 20; i++) for (const name of ['camera-1', 'camera-2']) feed(watch, 100, 0.01, name);
    assert.equal(raised.length, 0);
    const changedMs = clock.ms;
    feed(watch, 100, 0.5, 'camera-1');
    assert.ok(raised.includes('camera-1') && !raised.includes('camera-2'), raised.join(' '));
    await watch.check();
    const alarm = watch.alarms().find(({ stream }) => stream === 'camera-1')!;
    assert.ok(Math.abs(alarm.sinceMs - changedMs) < 60_000, `${(alarm.sinceMs - changedMs) / 1000} s after`);
    assert.equal(alarm.finding['kind'], 'unfamiliar');
    assert.equal(alarm.finding['usual'], 0.01);
    assert.ok(watch.standing('camera-1') !== null);
  });

  it('stands at once, before it is written', async (t) => {
    const { open, feed } = await scene(t);
    const watch = await open({ byGroup: false });
    feed(watch, 200, 0.5);
    assert.ok(watch.standing('camera-1') !== null);
    assert.deepEqual(watch.alarms(), []);
  });

  it('writes what it could not write when the database is there again', async (t) => {
    const { open, feed, store } = await scene(t);
    let isAway = true;
    const raise: Store['alarms']['raise'] = (alarm) =>
      isAway ? Promise.reject(new Error('away')) : store.alarms.raise(alarm);
    const watch = await open({ alarms: { ...store.alarms, raise }, byGroup: false });
    feed(watch, 200, 0.5);
    await assert.rejects(watch.check(), /away/);
    assert.ok(watch.standing('camera-1') !== null);
    isAway = false;
    await watch.check();
    assert.equal((await store.alarms.of('sha256:m')).length, 1);
  });

  it('is not forgotten by a restart, nor is what was gathered towards an alarm', async (t) => {
    const { open, feed, raised } = await scene(t);
    const first = await open({ byGroup: false });
    // Too few by themselves.
    for (let i = 0; first.states()[0] === undefined || first.states()[0]!.progress < 0.6; i++) {
      assert.ok(i < 1000);
      feed(first, 1, 0.5);
    }
    await first.close();
    const second = await open({ byGroup: false });
    assert.deepEqual(
      second.states(),
      first.states().map((state) => ({ ...state, autocorrelation: 0 })),
    );
    assert.deepEqual(raised, []);
    for (let i = 0; raised.length === 0; i++) {
      assert.ok(i < 30, 'it began anew');
      feed(second, 1, 1);
    }
    await second.close();
    const third = await open({ byGroup: false });
    assert.ok(third.standing('camera-1') !== null);
  });

  it('is raised by one replica and stands for others once they have looked; ended, for none', async (t) => {
    const { open, feed } = await scene(t);
    const [one, other] = [await open({ byGroup: false }), await open({ byGroup: false })];
    feed(one, 200, 0.5);
    await one.check();
    assert.equal(other.standing('camera-2'), null);
    await other.check();
    assert.ok(other.standing('camera-2') !== null);
    assert.equal(await other.end({ stream: 'camera-1', by: 'lea', why: 'x' }), 'no_alarm');
    assert.equal(await other.end({ stream: null, by: 'lea', why: 'the lamp is repaired' }), 'done');
    assert.equal(other.standing('camera-2'), null);
    await one.check();
    assert.equal(one.standing('camera-1'), null);
    feed(one, 1000, 0.01);
    assert.equal(one.standing('camera-1'), null);
  });

  it('is another gate’s no more', async (t) => {
    const { open, feed, gate } = await scene(t);
    const watch = await open({ byGroup: false });
    feed(watch, 200, 0.5);
    assert.ok(watch.standing('camera-1') !== null);
    gate.current = gateWith('gate-2');
    assert.equal(watch.standing('camera-1'), null);
    await watch.check();
    assert.equal(watch.standing('camera-1'), null);
    assert.deepEqual(watch.states(), []);
    gate.current = null;
    await watch.check();
    assert.equal(watch.isWatching(), false);
    assert.equal(await watch.end({ stream: null, by: 'lea', why: 'x' }), 'no_gate');
  });

  it('goes on with what was gathered, its own or another’s, when a gate comes back', async (t) => {
    const { open, feed, gate, clock } = await scene(t);
    const [one, other] = [await open({ byGroup: false }), await open({ byGroup: false })];
    feed(one, 10, 0.01);
    feed(other, 20, 0.01);
    gate.current = gateWith('gate-2');
    await one.check();
    clock.ms++;
    await other.check();
    assert.deepEqual(one.states(), []);
    gate.current = gateWith('gate-1');
    await one.check();
    await other.check();
    const images = [one, other].map((watch) => watch.states()[0]!.images);
    assert.deepEqual(images.toSorted(), [10, 20]);
  });

  it('watches nothing by a gate that does not say what its calibration was like', async (t) => {
    const { open, feed, gate } = await scene(t);
    gate.current = { id: 'gate-1', calibration: {} };
    const watch = await open();
    feed(watch, 500, 1);
    assert.equal(watch.isWatching(), false);
    assert.deepEqual(watch.states(), []);
  });

  it('looks at frames of a film no more often than it is told, each stream by itself', async (t) => {
    const { open, feed } = await scene(t);
    const watch = await open({ spacingMs: 10_000 });
    feed(watch, 100, 0.01, 'camera-1');
    feed(watch, 5, 0.01, 'camera-2');
    const images = Object.fromEntries(watch.states().map((one) => [one.stream ?? 'all', one.images]));
    assert.deepEqual(images, { all: 11, 'camera-1': 10, 'camera-2': 1 });
  });

  it('tells where neighbours are alike, as frames of a film are', async (t) => {
    const { open, clock } = await scene(t);
    const watch = await open();
    const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
    let film = 0;
    for (let i = 0; i < 3000; i++) {
      clock.ms += 1000;
      if (i % 10 === 0) film = uniform();
      for (const [stream, confidence] of [
        ['camera-1', film],
        ['camera-2', uniform()],
      ] as const) {
        const image = { unfamiliar: false, signals: { confidence }, predicted: i % 2 };
        watch.observe({ ...image, stream, gateId: 'gate-1' });
      }
    }
    const of = (stream: string): number =>
      watch.states().find((one) => one.stream === stream)!.autocorrelation;
    assert.ok(of('camera-1') > 0.7, `${of('camera-1')}`);
    assert.ok(Math.abs(of('camera-2')) < 0.15, `${of('camera-2')}`);
  });
});
