import type { Database } from 'better-sqlite3';
import { modelDigest, noonMs } from './store-fixture.ts';

/**
 * Items `n` in number, one in a hundred an audit, of priorities without any order in time; quicker than
 * recording them.
 */
export function fill(db: Database, n: number): void {
  db.transaction(() => {
    db.exec(`
      WITH RECURSIVE series(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < ${n})
      INSERT INTO predictions
        (id, created_ms, input_hash, model_digest, gate_id, decision, reasons, inclusion_probability,
         predicted_label, priority, answer)
      SELECT printf('%09d', k), ${noonMs} + k, 'hash', '${modelDigest}', 'gate-1',
        iif(k % 100 = 0, 'auto', 'review'),
        iif(k % 100 = 0, '["audit"]', '["sensitive"]'), iif(k % 100 = 0, 0.01, 1), 'Shirt',
        (k * 2654435761 % 4294967296) / 4294967296.0, '{}'
      FROM series;
      UPDATE predictions SET item_id = id;
      INSERT INTO items
        (id, prediction_id, model_digest, rank, created_ms, inclusion_probability, caller, agree, most, has_image)
      SELECT id, id, model_digest, -priority, created_ms, iif(decision = 'auto', inclusion_probability, NULL),
        iif(decision = 'auto', NULL, ''), 1, 1, 0
      FROM predictions;
      INSERT INTO item_reasons (id, reason, rank, created_ms)
      SELECT id, reasons ->> 0, -priority, created_ms FROM predictions`);
  })();
}
