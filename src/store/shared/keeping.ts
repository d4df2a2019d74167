import { z } from 'zod';
import type { Keeping } from '../keeping.ts';
import { groupOf } from './figure-queries.ts';
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
  dialect: Dialect<Query>,
  rows: ReadRows<Query>,
): Pick<Keeping, 'dueAudits' | 'recentPriorities' | 'totals' | 'oldest' | 'redrawable'> {
  const { query, typed, inOrder, flag, list } = dialect;
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

  /** A range of predictions_auto, with look-ups by primary key. */
  const redrawable = query(
    `SELECT p.id, p.created_ms, ${groupOf(dialect)}, p.inclusion_probability,
       k.id IS NOT NULL AND k.due_ms IS NULL AS undrawn
     FROM predictions p LEFT JOIN kept_images k ON k.id = p.id
       LEFT JOIN items i ON i.id = p.item_id AND i.inclusion_probability IS NOT NULL
     WHERE p.decision = 'auto' AND p.model_digest = :modelDigest AND p.gate_id = :gateId
       AND (p.created_ms, p.id) > (${typed(':createdMs', 'bigint')}, ${typed(':id', 'text')})
       AND p.inclusion_probability < ${typed(':below', 'float8')} AND (k.id IS NOT NULL OR i.id IS NOT NULL)
     ORDER BY p.created_ms, p.id LIMIT ${most}`,
    'redrawable',
  );
  const drawnRows = z.array(
    z.object({
      id: z.string(),
      created_ms: z.number(),
      stream: z.string(),
      inclusion_probability: z.number(),
      undrawn: flag,
    }),
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
    redrawable: async ({ streams, after, ...which }, count) =>
      drawnRows
        .parse(await rows(redrawable, { ...which, ...after, streams: list(streams), most: count }))
        .map(
          ({ id, created_ms: createdMs, stream, inclusion_probability: inclusionProbability, undrawn }) => ({
            ...{ id, createdMs, stream, inclusionProbability, undrawn },
          }),
        ),
    totals: async () => totalsRow.parse((await rows(totals, {}))[0]),
    oldest: async (count) =>
      keptRows
        .parse(await rows(oldest, { most: count }))
        .map(({ id, kept_ms: keptMs, bytes }) => ({ id, keptMs, bytes })),
  };
}
