import { z } from 'zod';
import type { Keeping } from '../keeping.ts';
import type { Dialect, ReadRows } from './dialect.ts';

const dueRows = z.array(
  z.object({ id: z.string(), model_digest: z.string(), priority: z.number(), created_ms: z.number() }),
);
const rankRows = z.array(z.object({ rank: z.number() }));
const totalsRow = z.object({ images: z.coerce.number(), bytes: z.coerce.number() });
const keptRows = z.array(z.object({ id: z.string(), kept_ms: z.number(), bytes: z.number() }));

/**
 * What of the kept answers only reads: ranges of kept_images_due, kept_images_by_age and
 * items_by_reason_lately.
 */
export function readingKept<Query>(
  { query, typed, inOrder }: Dialect<Query>,
  rows: ReadRows<Query>,
): Pick<Keeping, 'dueAudits' | 'recentPriorities' | 'totals' | 'oldest'> {
  const most = typed(':most', 'bigint');
  const due = query(
    `SELECT k.id, p.model_digest, p.priority, p.created_ms
     FROM kept_images k ${inOrder} predictions p ON p.id = k.id
     WHERE k.due_ms <= ${typed(':nowMs', 'bigint')} ORDER BY k.due_ms, k.id LIMIT ${most}`,
    'due_audits',
  );
  const recent = query(
    `SELECT rank FROM items WHERE model_digest = :modelDigest AND inclusion_probability IS NULL
     ORDER BY created_ms DESC, rank DESC LIMIT ${most}`,
    'recent_ranks',
  );
  const totals = query('SELECT sum(kept_images) AS images, sum(kept_bytes) AS bytes FROM totals', 'kept');
  const oldest = query(
    `SELECT id, kept_ms, bytes FROM kept_images WHERE due_ms IS NULL ORDER BY kept_ms, id LIMIT ${most}`,
    'oldest_kept',
  );

  return {
    dueAudits: async (nowMs, count) =>
      dueRows.parse(await rows(due, { nowMs, most: count })).map((row) => ({
        predictionId: row.id,
        modelDigest: row.model_digest,
        priority: row.priority,
        createdMs: row.created_ms,
      })),
    recentPriorities: async (modelDigest, count) =>
      rankRows.parse(await rows(recent, { modelDigest, most: count })).map(({ rank }) => -rank),
    totals: async () => totalsRow.parse((await rows(totals, {}))[0]),
    oldest: async (count) =>
      keptRows
        .parse(await rows(oldest, { most: count }))
        .map(({ id, kept_ms: keptMs, bytes }) => ({ id, keptMs, bytes })),
  };
}
