import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { ExportedLabel } from '../labels.ts';

/** Numbers final labels that have no place yet, from labels_without_place, behind the last place given. */
export const SEAL = `
  UPDATE labels SET place = (SELECT coalesce(max(place), 0) FROM labels) + waiting.n, exported_ms = :now
  FROM (
    SELECT id AS waiting_id, row_number() OVER (ORDER BY decided_ms, id) AS n
    FROM (SELECT id, decided_ms FROM labels WHERE place IS NULL ORDER BY decided_ms, id LIMIT :count)
  ) waiting
  WHERE labels.id = waiting_id`;

/** A range of labels_by_place, and look-ups by primary key. */
export const READ = `
  SELECT l.place, l.id, l.decided_ms, p.created_ms, p.input_hash, p.model_digest, p.gate_id, p.reasons,
    p.inclusion_probability, p.predicted_label, i.label, i.note,
    (SELECT json_group_array(reviewer) FROM
      (SELECT reviewer FROM opinions o WHERE o.id = i.id AND o.label = i.label ORDER BY given_ms, reviewer)) AS reviewers
  FROM labels l CROSS JOIN predictions p ON p.id = l.id LEFT JOIN items i ON i.id = l.id
  WHERE l.place > :after ORDER BY l.place LIMIT :count`;

const strings = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(z.string()));

const labelRow = z.object({
  place: z.number(),
  id: z.string(),
  decided_ms: z.number(),
  created_ms: z.number(),
  input_hash: z.string(),
  model_digest: z.string(),
  gate_id: z.string().nullable(),
  reasons: strings,
  inclusion_probability: z.number(),
  predicted_label: z.string().nullable(),
  label: z.string().nullable(),
  note: z.string().nullable(),
  reviewers: strings,
});

/** Reads up to `count` final labels behind the place `after`; in one transaction it first gives places to as many. */
export function prepareExport(db: Database) {
  const read = db.prepare(READ);
  const seal = db.prepare(SEAL);
  return (after: number, count: number, now: number): ExportedLabel[] => {
    const sealed = read.all({ after, count });
    if (sealed.length === count) return sealed.map(exportedLabel);
    seal.run({ count: count - sealed.length, now });
    return read.all({ after, count }).map(exportedLabel);
  };
}

function exportedLabel(row: unknown): ExportedLabel {
  const parsed = labelRow.parse(row);
  const label = parsed.label ?? parsed.predicted_label;
  if (label === null) throw new Error(`expected ${parsed.id} to have a final label; it has none`);
  return {
    cursor: String(parsed.place),
    id: parsed.id,
    label,
    source: parsed.label === null ? 'machine' : 'human',
    reviewers: parsed.reviewers,
    note: parsed.note,
    createdMs: parsed.created_ms,
    decidedMs: parsed.decided_ms,
    reasons: parsed.reasons,
    inclusionProbability: parsed.inclusion_probability,
    predictedLabel: parsed.predicted_label,
    modelDigest: parsed.model_digest,
    gateId: parsed.gate_id,
    inputHash: parsed.input_hash,
  };
}
