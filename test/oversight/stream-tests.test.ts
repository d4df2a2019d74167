import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { lowerBound } from '../../src/numerics/risk/clopper-pearson.ts';
import { createStreamTests, type TestedGate } from '../../src/oversight/stream-tests.ts';
import type { AuditLabel } from '../../src/store/audit-labels.ts';
import { DAY_MS } from '../../src/store/day-counts.ts';

const gate: TestedGate = {
  gateId: 'gate-1',
  promised: 0.02,
  confidence: 0.95,
  groupOf: () => null,
  sinceMs: () => 0,
  isApart: () => false,
};
const byStream: TestedGate = { ...gate, groupOf: (stream) => stream };

const label = (i: number, agrees: boolean, changes: Partial<AuditLabel> = {}): AuditLabel => ({
  itemId: `item-${i}`,
  decidedMs: i * 1000,
  answeredMs: i * 1000 - 500,
  gateId: 'gate-1',
  stream: null,
  agrees,
  inclusionProbability: 0.01,
  ...changes,
});

describe('the tests of a gate', () => {
  it('know nothing of no labels', () => {
    assert.deepEqual(
      [...createStreamTests(gate).summaries()],
      [
        [
          null,
          {
            ...{ state: 'too_few_labels', labels: 0, errors: 0, evidence: 0, eValue: 1 },
            ...{ interval: [0, 1], spareErrors: 0, brokenMs: null },
          },
        ],
      ],
    );
  });

  it('take labels of their gate alone', () => {
    const tests = createStreamTests(gate);
    for (const gateId of [null, 'gate-2']) tests.observe(label(1, false, { gateId }));
    tests.observe(label(2, true));
    const { labels, errors } = tests.summaries().get(null)!;
    assert.deepEqual([labels, errors], [1, 0]);
  });

  it('say holding of many right labels, and broken from the label on that proved it', () => {
    const tests = createStreamTests(gate);
    let i = 0;
    for (; i < 1000; i++) tests.observe(label(i, true));
    assert.equal(tests.summaries().get(null)!.state, 'holding');
    let provenBy: number | null = null;
    for (; i < 1040; i++) {
      tests.observe(label(i, false));
      if (tests.summaries().get(null)!.state === 'broken') provenBy ??= i;
    }
    assert.ok(provenBy !== null && provenBy > 1003);
    for (; i < 3000; i++) tests.observe(label(i, true));
    const { state, brokenMs } = tests.summaries().get(null)!;
    assert.deepEqual([state, brokenMs], ['broken', provenBy * 1000]);
  });

  it('find the one stream that is broken, and none other', () => {
    const tests = createStreamTests(byStream);
    for (let i = 0; i < 3000; i++)
      tests.observe(label(i, i % 3 > 0 || i % 2 === 0, { stream: `camera-${i % 3}` }));
    const states = [...tests.summaries()].map(([stream, { state }]) => [stream, state]);
    const expected = { 'camera-0': 'broken', 'camera-1': 'holding', 'camera-2': 'holding', null: 'broken' };
    assert.deepEqual(Object.fromEntries(states), expected);
  });

  it('leave a stream that is closed alone out of what is said of all together', () => {
    const tests = createStreamTests({ ...byStream, isApart: (stream) => stream === 'camera-0' });
    for (let i = 0; i < 3000; i++)
      tests.observe(label(i, i % 3 > 0 || i % 2 === 0, { stream: `camera-${i % 3}` }));
    assert.equal(tests.summaries().get('camera-0')!.state, 'broken');
    assert.equal(tests.summaries().get(null)!.state, 'holding');
  });

  it('take answers since the reopening alone, whenever they were labelled', () => {
    const tests = createStreamTests({ ...gate, sinceMs: () => 5000 });
    tests.observe(label(9, false, { answeredMs: 4999 }));
    tests.observe(label(10, true, { answeredMs: 5000 }));
    const { labels, errors } = tests.summaries().get(null)!;
    assert.deepEqual([labels, errors], [1, 0]);
  });

  it('keep the rate of the whole gate, where a bad stream is audited more and others make up for it', () => {
    // Nine inputs of ten are of a stream that is wrong in 1%, one is of one that is wrong in 11%: 2% in all.
    const uniform = createUniform(Uint32Array.of(14, 8, 1, 1));
    const proofs = (rateOf: (rare: boolean) => number): number => {
      let proven = 0;
      for (let run = 0; run < 50; run++) {
        const tests = createStreamTests(byStream);
        for (let i = 0; i < 3000; i++) {
          const rare = uniform() < 0.1 / 0.19;
          const agrees = uniform() >= (rare ? 0.11 : 0.01);
          const stream = rare ? 'rare' : 'usual';
          tests.observe(
            label(i, agrees, { stream, inclusionProbability: rateOf(rare), decidedMs: (i * DAY_MS) / 100 }),
          );
        }
        if (tests.summaries().get(null)!.state === 'broken') proven++;
      }
      return proven;
    };
    assert.ok(
      lowerBound(
        proofs((rare) => (rare ? 0.1 : 0.01)),
        50,
        1e-4,
      ) <= 0.0015,
    );
    assert.ok(proofs(() => 0.01) > 25, 'without the rates it would be proven nearly always');
  });

  it('go on from a copy as from themselves', () => {
    const tests = createStreamTests(byStream);
    for (let i = 0; i < 50; i++) tests.observe(label(i, i % 7 > 0, { stream: `camera-${i % 2}` }));
    const copy = tests.copy();
    tests.observe(label(51, false, { stream: 'camera-0' }));
    assert.notDeepEqual(copy.summaries(), tests.summaries());
    copy.observe(label(51, false, { stream: 'camera-0' }));
    assert.deepEqual(copy.summaries(), tests.summaries());
  });
});
