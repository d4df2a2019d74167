import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Overlaps } from '../../../src/store/opinions.ts';
import type { Access } from '../../../support/adversary/reviewer.ts';
import { reviewCuriously } from '../../../support/adversary/reviewer.ts';
import { tellApart, type Verdict } from '../../../support/adversary/tell-apart.ts';
import { createUniform } from '../../../src/numerics/random.ts';
import { keysOf } from './keys.ts';
import { ITEMS, lax, model, picture, requireBlind, strict } from './lax-or-strict.ts';
import { startEngine } from '../../engine/start-engine.ts';
import { type Service, startService } from './service.ts';

const REVIEWER = 'key-of-review';

/**
 * Here an audit's own sensitivity is like the others', so what this cannot find is an order by it; see
 * blind-audit.test.ts for that.
 *
 * Traffic of which each picture is sent twice: once while the gate lets everything through, so that it is an
 * automatic answer and audited, and once while it sends everything to people. In random order, at random
 * times; which it will be is drawn for each request.
 */
async function traffic(t: TestContext, overlaps: Overlaps, random: () => number): Promise<Service> {
  let gate = lax;
  const engine = startEngine(model);
  t.after(() => {
    engine.close();
  });
  const access = keysOf(['predict'], ['review'], ['review', 'admin']);
  const served = { model, gate: () => gate };
  const service = await startService(t, { served, engine, access, overlaps, auditRate: 1, blursIds: true });
  const pictures = await Promise.all(Array.from({ length: ITEMS }, () => picture(random)));
  const requests = [lax, strict].flatMap((one) => pictures.map((bytes) => ({ bytes, one, at: random() })));
  requests.sort((a, b) => a.at - b.at);
  for (const { bytes, one } of requests) {
    gate = one;
    service.clock.ms += 1 + Math.floor(random() * 3000);
    const response = await service.post('/v1/predictions', bytes, 'image/png', 'key-of-predict');
    assert.equal(response.status, one === lax ? 200 : 202);
    await service.settleAudits();
  }
  return service;
}

const accessOf = (service: Service, key: string): Access => ({
  get: (path) => service.get(path, key),
  post: (path, body) => service.postJson(path, body, key),
  put: (path, body) => service.putJson(path, body, key),
});

/** Which items are audits, as leads know. */
async function auditsOf(service: Service): Promise<Map<string, boolean>> {
  const truth = new Map<string, boolean>();
  for (let cursor = ''; ;) {
    const path = `/v1/reviews?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const page = (await (await service.get(path, 'key-of-review+admin')).json()) as {
      items: { id: string; reasons: string[] }[];
      next_cursor: string | null;
    };
    for (const { id, reasons } of page.items) truth.set(id, reasons.includes('audit'));
    if (page.next_cursor === null) return truth;
    cursor = page.next_cursor;
  }
}

let attempts = 0;

async function judged(t: TestContext, overlaps: Overlaps): Promise<Verdict> {
  const random = createUniform(Uint32Array.of(7, 1, 2, ++attempts));
  const service = await traffic(t, overlaps, random);
  const noted = await reviewCuriously(accessOf(service, REVIEWER), {
    ...{ batch: 20, label: 'dark' },
    closer: () => random() < 0.1,
    findsNone: () => random() < 0.2,
  });
  const truth = await auditsOf(service);
  const ids = [...noted.keys()];
  assert.equal(ids.length, 2 * ITEMS);
  const notes = ids.map((id) => noted.get(id)!);
  const isAudit = ids.map((id) => truth.get(id)!);
  assert.equal(isAudit.filter(Boolean).length, ITEMS);
  const verdict = tellApart(notes, isAudit, random);
  t.diagnostic(`AUROC ${verdict.auroc.toFixed(3)}; ${verdict.loudest.join('; ')}`);
  return verdict;
}

describe('an adversary with the scope review alone', () => {
  it('does not tell audits from the same pictures in review by reason', async (t) => {
    await requireBlind(() => judged(t, {}));
  });

  it('does not where audits alone need several people', async (t) => {
    await requireBlind(() => judged(t, { audit: { agree: 2, most: 3 } }));
  });
});

describe('the adversary', () => {
  const random = createUniform(Uint32Array.of(1, 2, 3, 4));
  const isAudit = Array.from({ length: 2000 }, (_, i) => i % 2 === 0);
  const noise = (): Map<string, number | string> =>
    new Map(Array.from({ length: 20 }, (_, k) => [`noise ${k}`, random()]));

  for (const [leak, noteOf] of [
    ['a number that is shifted', (audit) => random() + (audit ? 0.2 : 0)],
    ['a number that is neither small nor large', (audit) => (audit ? 0.3 + 0.4 * random() : random())],
    ['a word that some have', (audit) => (audit && random() < 0.3 ? 'open' : 'final')],
    ['a note that is missing now and then', (audit) => (audit && random() < 0.2 ? null : 1)],
  ] as const satisfies readonly (readonly [string, (audit: boolean) => number | string | null])[])
    it(`finds ${leak}`, () => {
      const notes = isAudit.map((audit) => {
        const one = noise();
        const note = noteOf(audit);
        if (note !== null) one.set('leak', note);
        return one;
      });
      assert.ok(tellApart(notes, isAudit, random).auroc > 0.55);
    });
});
