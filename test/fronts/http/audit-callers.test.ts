import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createUniform } from '../../../src/numerics/random.ts';
import { exportCuriously, predictCuriously } from '../../../support/adversary/caller.ts';
import type { Notes } from '../../../support/adversary/notes.ts';
import { tellApart, type Verdict } from '../../../support/adversary/tell-apart.ts';
import { startEngine } from '../../engine/start-engine.ts';
import { keysOf } from './keys.ts';
import { ITEMS, lax, model, picture, requireBlind } from './lax-or-strict.ts';
import { type Service, startService } from './service.ts';

interface Noted {
  readonly asCaller: ReadonlyMap<string, Notes>;
  readonly asExporter: ReadonlyMap<string, Notes>;
  /** Of each prediction, whether it is audited. */
  readonly truth: ReadonlyMap<string, boolean>;
}

/** A service that audits half of its answers, all of which are automatic. */
function start(t: TestContext): Promise<Service> {
  const engine = startEngine(model);
  t.after(() => {
    engine.close();
  });
  const access = keysOf(['predict'], ['export']);
  const served = { model, gate: () => lax };
  return startService(t, { served, engine, access, auditRate: 0.5, blursIds: true });
}

/** What a caller and an exporter note while the audits wait for people. */
async function noted(t: TestContext): Promise<Noted> {
  const random = createUniform(Uint32Array.of(11, 12, 13, 14));
  const service = await start(t);
  const pictures = await Promise.all(Array.from({ length: 2 * ITEMS }, () => picture(random)));
  const asCaller = await predictCuriously(
    {
      post: (image, key) => {
        service.clock.ms += 1 + Math.floor(random() * 3000);
        const headers = {
          ...{ authorization: 'Bearer key-of-predict', 'content-type': 'image/png' },
          'idempotency-key': key,
        };
        return fetch(`${service.url}/v1/predictions`, {
          method: 'POST',
          headers,
          body: new Uint8Array(image),
        });
      },
      get: (path) => service.get(path, 'key-of-predict'),
    },
    pictures,
    service.settleAudits,
  );
  await service.postJson('/v1/labels/seal', {}, 'key-of-export');
  const asExporter = await exportCuriously((path) => service.get(path, 'key-of-export'));
  const truth = new Map<string, boolean>();
  for (const id of asCaller.keys()) {
    const { review } = (await service.store.records.find(id))!;
    truth.set(id, review !== null);
  }
  return { asCaller, asExporter, truth };
}

describe('an adversary who does not review', () => {
  let shared: Promise<Noted> | null = null;

  /** Of the traffic that the tests share; of fresh traffic where it is asked for again. */
  const trying = (t: TestContext, notesOf: (of: Noted, id: string) => Notes): (() => Promise<Verdict>) => {
    let attempts = 0;
    return async () => {
      const all = await (attempts++ === 0 ? (shared ??= noted(t)) : noted(t));
      const ids = [...all.truth.keys()];
      const isAudit = ids.map((id) => all.truth.get(id)!);
      // One of each unit of rates, in each of two classes.
      assert.ok(Math.abs(isAudit.filter(Boolean).length - ITEMS) <= 2);
      const verdict = tellApart(
        ids.map((id) => notesOf(all, id)),
        isAudit,
        createUniform(Uint32Array.of(1, 2, 3, 5)),
      );
      t.diagnostic(`AUROC ${verdict.auroc.toFixed(3)}; ${verdict.loudest.join('; ')}`);
      return verdict;
    };
  };

  it('learns nothing of audits with the scope predict', async (t) => {
    await requireBlind(trying(t, ({ asCaller }, id) => asCaller.get(id)!));
  });

  it('learns nothing with the scope export, and finds one line of each answer', async (t) => {
    const { asExporter, truth } = await (shared ??= noted(t));
    assert.equal(asExporter.size, truth.size);
    for (const notes of asExporter.values()) assert.equal(notes.get('lines'), 1);
    await requireBlind(trying(t, (all, id) => all.asExporter.get(id)!));
  });

  it('learns nothing with both, whatever is joined', async (t) => {
    const joined = ({ asCaller, asExporter }: Noted, id: string): Notes =>
      new Map([...asCaller.get(id)!, ...asExporter.get(id)!]);
    await requireBlind(trying(t, joined));
  });
});
