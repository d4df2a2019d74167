import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelDigest, noonMs, type OpenFixture } from '../../../support/store-fixture.ts';

const everywhere = { modelDigest, gateId: 'gate-1', stream: null };
const camera = { ...everywhere, stream: 'camera-1' };
const finding = { kind: 'unfamiliar', images: 40, happened: 30, usual: 0.01 };
const lead = { by: 'lea', why: 'the lamp is repaired' };
const gate = { modelDigest, gateId: 'gate-1' };

export function describeAlarms(open: OpenFixture): void {
  describe('alarms', () => {
    it('stand for every process that opens the store, until one ends them', async (t) => {
      const { queue, clock, openAnother } = await open(t);
      const alarm = { ...camera, sinceMs: noonMs - 5000, finding };
      assert.equal(await queue.alarms.raise(alarm), true);
      const standing = { ...alarm, raisedMs: noonMs, ended: null };
      assert.deepEqual(await queue.alarms.of(modelDigest), [standing]);
      await queue.close();
      const another = await openAnother();
      assert.deepEqual(await another.alarms.of(modelDigest), [standing]);
      clock.ms += 5;
      assert.equal(await another.alarms.end({ ...camera, ...lead }), true);
      assert.deepEqual(await another.alarms.of(modelDigest), [
        { ...standing, ended: { atMs: noonMs + 5, ...lead } },
      ]);
    });

    it('are raised once, whoever sees the change, and ended once', async (t) => {
      const { queue, openAnother } = await open(t);
      const replicas = [queue, await openAnother(), await openAnother()];
      const alarm = { ...camera, sinceMs: noonMs, finding };
      const raised = await Promise.all(replicas.map(({ alarms }) => alarms.raise(alarm)));
      assert.deepEqual(raised.filter(Boolean), [true]);
      const ended = await Promise.all(replicas.map(({ alarms }) => alarms.end({ ...camera, ...lead })));
      assert.deepEqual(ended.filter(Boolean), [true]);
      assert.equal(await queue.alarms.end({ ...camera, ...lead }), false);
      assert.equal(await queue.alarms.raise(alarm), true, 'a new change is told again');
      assert.deepEqual(
        (await queue.alarms.of(modelDigest)).map((one) => one.ended === null),
        [false, true],
      );
    });

    it('are of one model, gate and stream', async (t) => {
      const { queue } = await open(t);
      const places = [
        everywhere,
        camera,
        { ...camera, stream: 'camera-2' },
        { ...camera, gateId: 'gate-2' },
        { ...camera, modelDigest: 'sha256:another' },
      ];
      for (const place of places)
        assert.equal(await queue.alarms.raise({ ...place, sinceMs: noonMs, finding }), true);
      assert.equal(await queue.alarms.end({ ...everywhere, ...lead }), true);
      const of = await queue.alarms.of(modelDigest);
      assert.deepEqual(
        of.map(({ gateId, stream, ended }) => [gateId, stream, ended === null]),
        [
          ['gate-1', null, false],
          ['gate-1', 'camera-1', true],
          ['gate-1', 'camera-2', true],
          ['gate-2', 'camera-1', true],
        ],
      );
      assert.equal((await queue.alarms.of('sha256:another')).length, 1);
    });

    it('that stand are shown however many have ended since', async (t) => {
      const { queue } = await open(t);
      await queue.alarms.raise({ ...camera, sinceMs: noonMs, finding });
      for (let i = 0; i < 110; i++) {
        await queue.alarms.raise({ ...everywhere, sinceMs: noonMs + i, finding });
        await queue.alarms.end({ ...everywhere, ...lead });
      }
      const shown = await queue.alarms.of(modelDigest);
      assert.equal(shown.length, 100);
      assert.deepEqual([shown[0]!.stream, shown[0]!.ended], ['camera-1', null]);
      assert.equal(shown.at(-1)!.sinceMs, noonMs + 109);
    });

    it('stand in the trail, with what was found and by whom they were ended', async (t) => {
      const { queue } = await open(t);
      await queue.alarms.raise({ ...camera, sinceMs: noonMs, finding });
      await queue.alarms.raise({ ...camera, sinceMs: noonMs, finding });
      await queue.alarms.end({ ...camera, ...lead });
      const { entries } = await queue.trail.read({ limit: 10 });
      assert.deepEqual(
        entries.map(({ act, who, detail }) => [act, who, detail]),
        [
          ['alarm_ended', 'lea', { gate: 'gate-1', stream: 'camera-1', why: lead.why }],
          ['alarm_raised', null, { gate: 'gate-1', stream: 'camera-1', since_ms: noonMs, finding }],
        ],
      );
    });
  });

  describe('evidence towards an alarm', () => {
    const MINUTE = 60_000;
    const of = (holder: string) => ({ ...gate, holder });

    it('is taken over by one of those that start when its process has left it', async (t) => {
      const { queue, openAnother } = await open(t);
      await queue.alarms.saveWatch(of('a'), { images: 1 });
      await queue.alarms.saveWatch(of('a'), { images: 2 });
      assert.equal(await queue.alarms.takeWatch(of('b'), MINUTE), null, 'its process is there');
      await queue.alarms.leaveWatch(of('a'));
      const replicas = [queue, await openAnother()];
      const taken = await Promise.all(
        replicas.map(({ alarms }, i) => alarms.takeWatch(of(`next-${i}`), MINUTE)),
      );
      assert.deepEqual(
        taken.filter((one) => one !== null),
        [{ images: 2 }],
      );
      const holder = taken[0] === null ? 'next-1' : 'next-0';
      await queue.alarms.saveWatch(of(holder), { images: 3 });
      await queue.alarms.leaveWatch(of(holder));
      assert.deepEqual(await queue.alarms.takeWatch(of('last'), MINUTE), { images: 3 });
    });

    it('is taken over when its process was killed and has written nothing for a while', async (t) => {
      const { queue, clock } = await open(t);
      await queue.alarms.saveWatch(of('a'), { images: 1 });
      clock.ms += MINUTE - 1;
      assert.equal(await queue.alarms.takeWatch(of('b'), MINUTE), null);
      clock.ms += 1;
      assert.deepEqual(await queue.alarms.takeWatch(of('b'), MINUTE), { images: 1 });
      assert.equal(await queue.alarms.takeWatch(of('c'), MINUTE), null, 'it has been taken');
    });

    it('is of one gate, and the latest is taken first', async (t) => {
      const { queue, clock } = await open(t);
      for (const [i, holder] of ['a', 'b', 'c'].entries()) {
        clock.ms++;
        await queue.alarms.saveWatch(of(holder), i);
        await queue.alarms.leaveWatch(of(holder));
      }
      assert.equal(await queue.alarms.takeWatch({ ...of('x'), gateId: 'gate-2' }, MINUTE), null);
      assert.equal(await queue.alarms.takeWatch(of('x'), MINUTE), 2);
      assert.equal(await queue.alarms.takeWatch(of('y'), MINUTE), 1);
    });
  });
}
