import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelDigest, noonMs, type OpenFixture } from '../../../support/store-fixture.ts';

const gate = { modelDigest, gateId: 'gate-1', stream: null };
const proof = { labels: 500, errors: 40, evidence: 1.25 };
const lead = { by: 'lea', why: 'the lamp is repaired' };

export function describeClosings(open: OpenFixture): void {
  describe('closed gates', () => {
    it('stay closed for every process that opens the store, until one reopens them', async (t) => {
      const { queue, clock, openAnother } = await open(t);
      assert.equal(await queue.closings.close(gate, proof, 0), true);
      const standing = { ...gate, closedMs: noonMs, proof, reopened: null };
      assert.deepEqual(await queue.closings.of(modelDigest), [standing]);
      await queue.close();
      const another = await openAnother();
      assert.deepEqual(await another.closings.of(modelDigest), [standing]);
      clock.ms += 5;
      assert.equal(await another.closings.reopen({ ...gate, ...lead }), true);
      assert.deepEqual(await another.closings.of(modelDigest), [
        { ...standing, reopened: { atMs: noonMs + 5, ...lead } },
      ]);
    });

    it('are closed once, whoever sees the proof, and reopened once', async (t) => {
      const { queue, openAnother } = await open(t);
      const replicas = [queue, await openAnother(), await openAnother()];
      const closed = await Promise.all(replicas.map(({ closings }) => closings.close(gate, proof, 0)));
      assert.deepEqual(closed.filter(Boolean), [true]);
      const opened = await Promise.all(replicas.map(({ closings }) => closings.reopen({ ...gate, ...lead })));
      assert.deepEqual(opened.filter(Boolean), [true]);
      assert.equal(await queue.closings.reopen({ ...gate, ...lead }), false);
      assert.equal(await queue.closings.close(gate, proof, 1), true, 'a new proof closes it again');
      const all = await queue.closings.of(modelDigest);
      assert.deepEqual(
        all.map(({ reopened }) => reopened === null),
        [false, true],
      );
    });

    it('are not closed by a proof that does not know of the last reopening', async (t) => {
      const { queue } = await open(t);
      await queue.closings.close(gate, proof, 0);
      await queue.closings.reopen({ ...gate, ...lead });
      assert.equal(await queue.closings.close({ ...gate, stream: 'camera-1' }, proof, 0), false);
      assert.equal(await queue.closings.close(gate, proof, 0), false);
      assert.equal((await queue.closings.of(modelDigest)).length, 1);
    });

    it('are of one model, gate and stream', async (t) => {
      const { queue } = await open(t);
      const others = [
        { ...gate, gateId: 'gate-2' },
        { ...gate, stream: 'camera-1' },
        { ...gate, stream: 'camera-2' },
      ];
      const another = { ...gate, modelDigest: 'sha256:another' };
      for (const [i, place] of [gate, ...others, another].entries())
        assert.equal(await queue.closings.close(place, proof, [0, 0, 1, 2, 0][i]!), true);
      assert.equal(await queue.closings.reopen({ ...gate, stream: 'camera-1', ...lead }), true);
      assert.deepEqual(
        (await queue.closings.of(modelDigest)).map(({ gateId, stream, reopened }) => [
          gateId,
          stream,
          reopened === null,
        ]),
        [
          ['gate-1', null, true],
          ['gate-2', null, true],
          ['gate-1', 'camera-1', false],
          ['gate-1', 'camera-2', true],
        ],
      );
    });

    it('stand in the trail, with the proof, and who reopened them and why', async (t) => {
      const { queue } = await open(t);
      await queue.closings.close({ ...gate, stream: 'camera-1' }, proof, 0);
      await queue.closings.close({ ...gate, stream: 'camera-1' }, proof, 1);
      await queue.closings.reopen({ ...gate, stream: 'camera-1', ...lead });
      const { entries } = await queue.trail.read({ limit: 10 });
      const place = { gate: 'gate-1', stream: 'camera-1' };
      assert.deepEqual(
        entries.map(({ act, who, detail }) => [act, who, detail]),
        [
          ['gate_reopened', 'lea', { ...place, why: lead.why }],
          ['gate_closed', null, { ...place, proof }],
        ],
      );
    });
  });
}
