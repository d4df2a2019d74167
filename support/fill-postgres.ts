import type { Connection } from '../src/store/postgres/connection.ts';
import { modelDigest, noonMs } from './store-fixture.ts';

const plain = (text: string) => ({ name: '', text, parameters: [] });

/**
 * Items `n` in number, one in a hundred an audit, of priorities without any order in time; quicker than
 * recording them.
 */
export async function fill(connection: Connection, n: number): Promise<void> {
  const steps = [
    `INSERT INTO predictions
       (id, item_id, created_ms, input_hash, model_digest, gate_id, decision, reasons, inclusion_probability,
        predicted_label, priority, answer)
     SELECT lpad(k::text, 9, '0'), lpad(k::text, 9, '0'), ${noonMs} + k, 'hash', '${modelDigest}', 'gate-1',
       CASE WHEN k % 100 = 0 THEN 'auto' ELSE 'review' END,
       CASE WHEN k % 100 = 0 THEN ARRAY['audit'] ELSE ARRAY['sensitive'] END,
       CASE WHEN k % 100 = 0 THEN 0.01 ELSE 1 END, 'Shirt', (k * 2654435761 % 4294967296) / 4294967296.0, '{}'
     FROM generate_series(1, ${n}) k`,
    `ALTER TABLE items DISABLE TRIGGER USER`,
    `INSERT INTO items
       (id, prediction_id, model_digest, rank, created_ms, inclusion_probability, caller, agree, most, has_image)
     SELECT id, id, model_digest, -priority, created_ms,
       CASE WHEN decision = 'auto' THEN inclusion_probability END, CASE WHEN decision <> 'auto' THEN '' END,
       1, 1, false
     FROM predictions`,
    `ALTER TABLE items ENABLE TRIGGER USER`,
    `UPDATE totals SET items = ${n} WHERE part = 0`,
    `INSERT INTO item_reasons (id, reason, rank, created_ms)
     SELECT id, reasons[1], -priority, created_ms FROM predictions`,
    // Those alone that autovacuum would have seen by then: it leaves tables that are empty yet without
    // statistics.
    'ANALYZE predictions, items, item_reasons',
  ];
  for (const step of steps) await connection.run(plain(step), {});
}
