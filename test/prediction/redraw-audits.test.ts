import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { redrawAudits } from '../../src/prediction/redraw-audits.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { recordOne } from '../../support/record-one.ts';
import { imageOf, modelDigest, noonMs, prediction } from '../../support/store-fixture.ts';

const COUNT = 4000;
const RATE = 0.1;
const RAISED = 0.4;

describe('redrawAudits', () => {
  it('gives each answer since the change that is kept the higher chance in all, and no other', async (t) => {
    const store = await openSqliteStore({ file: ':memory:', now: () => noonMs });
    t.after(() => store.close());
    const random = createUniform(Uint32Array.of(1, 2, 3, 4));
    const gateId = 'gate-1';
    let drawnBefore = 0;
    for (let i = 0; i < COUNT; i++) {
      const id = String(i).padStart(5, '0');
      const stream = i % 2 === 0 ? 'camera-1' : 'camera-2';
      const createdMs = noonMs + i;
      const answered = { decision: 'auto', reasons: [], inclusionProbability: RATE } as const;
      await recordOne(store, prediction({ id, gateId, stream, createdMs, ...answered }), null);
      const isDrawn = random() < RATE;
      if (isDrawn && i >= COUNT / 2 && i % 2 === 0) drawnBefore++;
      const kept = { id, image: imageOf(1), bytes: 1, keptMs: createdMs, inclusionProbability: RATE };
      await store.keeping.keep([{ ...kept, dueMs: isDrawn ? noonMs : null }]);
    }
    const now = () => noonMs + COUNT;
    const past = { modelDigest, gateId, streams: ['camera-1', 'camera-2'], stream: 'camera-1' };
    const sinceMs = noonMs + COUNT / 2 - 1;
    const deps = { keeping: store.keeping, now, random };
    const drawn = await redrawAudits(deps, { ...past, sinceMs }, RAISED);

    const meant = COUNT / 4;
    const share = (drawn + drawnBefore) / meant;
    // Three binomial deviations.
    assert.ok(Math.abs(share - RAISED) < 3 * Math.sqrt((RAISED * (1 - RAISED)) / meant), `${share}`);
    for (const [id, chance] of [
      ['00001', RATE],
      ['00000', RATE],
      ['02001', RATE],
      ['02000', RAISED],
      ['03998', RAISED],
    ] as const)
      assert.equal((await store.records.find(id))!.prediction.inclusionProbability, chance, id);
    assert.equal(await redrawAudits(deps, { ...past, sinceMs }, RAISED), 0, 'a second time');
  });
});
