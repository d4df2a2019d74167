import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { examine, type Findings, readExpectedGate, readSqlite } from '../../faults/checker.ts';
import { type Entry, openClient, readLog } from '../../faults/client-log.ts';
import { uniqueImages } from '../../faults/images.ts';
import { fashionMnist, startService } from '../commands/service.ts';
import { smallest } from '../../src/numerics/extremes.ts';

const gate = readExpectedGate(join(fashionMnist, 'gate.json'));

/**
 * What a real service has answered and stored, with the database then changed by `damage`.
 *
 * @param until Of the checker, from the times of the log's entries.
 */
async function examined(
  t: TestContext,
  damage: (db: DatabaseSync) => void,
  until: (times: readonly number[]) => number = () => Infinity,
): Promise<Findings> {
  const { data, log } = await served();
  const folder = mkdtempSync(join(tmpdir(), 'sensigate-checker-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const copy = join(folder, 'sensigate.db');
  const original = new DatabaseSync(join(data, 'sensigate.db'));
  original.prepare('VACUUM INTO ?').run(copy);
  original.close();
  const db = new DatabaseSync(copy, { enableForeignKeyConstraints: false });
  damage(db);
  db.close();
  const entries = readLog(log);
  return examine(entries, readSqlite(copy), gate, until(entries.map(({ at }) => at)));
}

let first: Promise<{ data: string; log: string }> | null = null;

/** One service's work: 60 predictions, some of them labelled. */
function served(): Promise<{ data: string; log: string }> {
  return (first ??= (async () => {
    const data = mkdtempSync(join(tmpdir(), 'sensigate-checker-data-'));
    const log = join(data, 'client.jsonl');
    const service = await startService({ DATA_DIR: data });
    const client = openClient(log, () => service.url, await uniqueImages());
    for (let i = 0; i < 6; i++) await Promise.all(Array.from({ length: 10 }, () => client.predict()));
    assert.ok((await client.review(5)) > 0);
    client.close();
    service.kill('SIGTERM');
    await service.ended;
    process.once('exit', () => {
      rmSync(data, { recursive: true });
    });
    return { data, log };
  })());
}

const LISTS = ['lost', 'duplicated', 'unmeasured', 'differing', 'unasked'] as const;

/** The lists that are not empty, with their lengths. */
function wrong(findings: Findings): Record<string, number> {
  return Object.fromEntries(
    LISTS.filter((list) => findings[list].length > 0).map((list) => [list, findings[list].length]),
  );
}

const anAuto =
  "(SELECT min(id) FROM predictions WHERE decision = 'auto' AND id NOT IN (SELECT id FROM items))";
const aReview = "(SELECT min(id) FROM predictions WHERE decision = 'review')";

describe('the checker of the fault suite', () => {
  it('finds nothing wrong in what a service has stored in peace', async (t) => {
    const findings = await examined(t, () => undefined);
    assert.deepEqual(wrong(findings), {});
    assert.equal(findings.acknowledged, 60);
    assert.ok(findings.labels > 0);
  });

  it('finds a lost prediction', async (t) => {
    const findings = await examined(t, (db) => {
      db.exec(`DELETE FROM predictions WHERE id = ${anAuto}`);
    });
    assert.deepEqual(wrong(findings), { lost: 1 });
  });

  it('finds a lost review item and a lost image', async (t) => {
    const withoutItem = await examined(t, (db) => {
      db.exec(`DELETE FROM items WHERE id = (
        SELECT min(id) FROM items JOIN predictions USING (id) WHERE outcome = 'open' AND decision = 'review')`);
    });
    assert.deepEqual(wrong(withoutItem), { lost: 1 });
    const withoutImage = await examined(t, (db) => {
      db.exec(`DELETE FROM images WHERE id = ${aReview}`);
    });
    assert.deepEqual(wrong(withoutImage), { lost: 1 });
  });

  it('finds an image of which one byte has changed', async (t) => {
    const findings = await examined(t, (db) => {
      db.exec(`UPDATE images SET bytes = CAST(bytes || x'00' AS BLOB) WHERE id = ${aReview}`);
    });
    assert.deepEqual(wrong(findings), { differing: 1 });
  });

  it('finds what was forgotten and is there, and does not miss it where it is not', async (t) => {
    const { log } = await served();
    const { data } = await served();
    const entries = readLog(log);
    const { id } = entries.find((entry) => entry.act === 'predicted')!;
    const forget: Entry[] = [{ at: 0, n: 1e6, act: 'forget', id }];
    const forgotten: Entry[] = [...forget, { at: 0, n: 1e6, act: 'forgotten' }];
    const stored = readSqlite(join(data, 'sensigate.db'));
    assert.deepEqual(wrong(examine([...entries, ...forget], stored, gate)), {});
    assert.deepEqual(wrong(examine([...entries, ...forgotten], stored, gate)), { differing: 1 });
    const without = await examined(t, (db) => {
      for (const table of ['images', 'item_reasons', 'items', 'predictions'])
        db.prepare(`DELETE FROM ${table} WHERE id = ?`).run(id);
    });
    assert.ok(without.lost.length > 0);
    const rest = {
      predictions: stored.predictions.filter((row) => row.id !== id),
      images: new Map([...stored.images].filter(([one]) => one !== id)),
      items: new Map([...stored.items].filter(([one]) => one !== id)),
    };
    assert.deepEqual(wrong(examine([...entries, ...forgotten], rest, gate)), {});
  });

  it('finds a request that is stored twice', async (t) => {
    const findings = await examined(t, (db) => {
      db.exec(`INSERT INTO predictions
          (id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
          predicted_label, priority, answer, inclusion_probability)
        SELECT '01ZZZZZZZZZZZZZZZZZZZZZZZZ', created_ms, input_hash, model_digest, gate_id, decision, reasons,
          predicted_label, priority, answer, inclusion_probability
        FROM predictions WHERE id = ${anAuto}`);
    });
    assert.deepEqual(wrong(findings), { duplicated: 1 });
  });

  it('finds what nobody has sent', async (t) => {
    const findings = await examined(t, (db) => {
      db.exec(`INSERT INTO predictions
          (id, created_ms, input_hash, model_digest, gate_id, decision, reasons,
          predicted_label, priority, answer, inclusion_probability)
        SELECT '01ZZZZZZZZZZZZZZZZZZZZZZZZ', created_ms, 'feed', model_digest, gate_id, decision, reasons,
          predicted_label, priority, answer, inclusion_probability
        FROM predictions WHERE id = ${anAuto}`);
    });
    assert.deepEqual(wrong(findings), { unasked: 1 });
  });

  for (const [what, change] of [
    ['without a sensitivity', "json_set(answer, '$.sensitivity', NULL)"],
    ['with a sensitivity that is no number', "json_set(answer, '$.sensitivity.value', NULL)"],
    ['above its limit', "json_set(answer, '$.sensitivity.value', 1e6)"],
    ['by no gate', "json_set(answer, '$.gate', NULL)"],
    ['of another model', "json_set(answer, '$.model.digest', 'sha256:00')"],
    ['below its threshold', "json_set(answer, '$.signals.confidence', 0.1)"],
    ['that is unfamiliar', "json_set(answer, '$.familiarity.score', 1e6)"],
    ['whose familiarity nobody knows', "json_remove(answer, '$.familiarity')"],
  ]) {
    it(`finds an automatic label ${what}`, async (t) => {
      const findings = await examined(t, (db) => {
        db.exec(`UPDATE predictions SET answer = ${change} WHERE id = ${anAuto}`);
      });
      assert.deepEqual(wrong(findings), { unmeasured: 1 });
    });
  }

  it('finds a decision that differs from the one answered', async (t) => {
    const findings = await examined(t, (db) => {
      db.exec(`UPDATE predictions SET decision = 'auto' WHERE id = ${aReview}`);
    });
    assert.deepEqual(Object.keys(wrong(findings)).sort(), ['differing', 'unmeasured']);
  });

  it('finds a label that is gone or another', async (t) => {
    const gone = await examined(t, (db) => {
      db.exec(`UPDATE items SET outcome = 'open', label = NULL, decided_by = NULL, decided_ms = NULL
        WHERE id = (SELECT min(id) FROM items WHERE outcome = 'labelled')`);
    });
    assert.deepEqual(wrong(gone), { lost: 1 });
    const other = await examined(t, (db) => {
      db.exec(`UPDATE items SET label = 'Sandcastle'
        WHERE id = (SELECT min(id) FROM items WHERE outcome = 'labelled')`);
    });
    assert.deepEqual(wrong(other), { differing: 1 });
  });

  it('asks of a copy only what was acknowledged before it was taken', async (t) => {
    const findings = await examined(
      t,
      (db) => {
        db.exec('DELETE FROM predictions; DELETE FROM images; DELETE FROM items');
      },
      (times) => smallest(times) - 1,
    );
    assert.deepEqual(wrong(findings), {});
    assert.equal(findings.acknowledged, 0);
  });
});
