import { z } from 'zod';
import type { ExportedLabel, ExportRequest, Sealed } from '../labels.ts';
import { StoreError } from '../store-error.ts';
import type { Dialect } from './dialect.ts';

/** What `exportedLabels` reads, of `labels l`, `predictions p` and `items i`, besides the `reviewers`. */
export const LABEL_COLUMNS = `
  l.place, l.id, l.item_id, i.prediction_id AS image_id, l.decided_ms, p.id AS prediction_id, p.created_ms, p.input_hash, p.model_digest,
  p.gate_id, coalesce(i.reasons, p.reasons) AS reasons,
  coalesce(i.inclusion_probability, p.inclusion_probability) AS inclusion_probability,
  p.predicted_label, p.stream, i.note,
  CASE WHEN l.item_id IS NULL THEN p.predicted_label ELSE i.label END AS label`;

/** The tables of `LABEL_COLUMNS`, of rows `l` of labels. */
export const labelTables = (inOrder: string): string => `
  ${inOrder} predictions p ON p.id = coalesce(l.prediction_id, l.id) LEFT JOIN items i ON i.id = l.item_id`;

/** Reads rows of `LABEL_COLUMNS` and the `reviewers` who gave the label, in the order in which they did. */
export function exportedLabels({ json }: Pick<Dialect<unknown>, 'json'>) {
  const strings = json.pipe(z.array(z.string()));
  const labelRow = z.object({
    place: z.number(),
    id: z.string(),
    prediction_id: z.string(),
    item_id: z.string().nullable(),
    image_id: z.string().nullable(),
    decided_ms: z.number(),
    created_ms: z.number(),
    input_hash: z.string(),
    model_digest: z.string(),
    gate_id: z.string().nullable(),
    reasons: strings,
    inclusion_probability: z.number(),
    predicted_label: z.string().nullable(),
    stream: z.string().nullable(),
    label: z.string().nullable(),
    note: z.string().nullable(),
    reviewers: strings,
  });
  return (rows: readonly unknown[]): ExportedLabel[] =>
    z
      .array(labelRow)
      .parse(rows)
      .map((row) => {
        const source = row.item_id === null ? 'machine' : 'human';
        if (row.label === null && source === 'machine')
          throw new Error(`expected ${row.id} to have a final label; it has none`);
        return {
          cursor: String(row.place),
          id: row.id,
          predictionId: row.prediction_id,
          itemId: row.item_id,
          imageId: row.image_id,
          label: row.label,
          source,
          reviewers: row.reviewers,
          note: row.note,
          createdMs: row.created_ms,
          decidedMs: row.decided_ms,
          reasons: row.reasons,
          inclusionProbability: row.inclusion_probability,
          predictedLabel: row.predicted_label,
          modelDigest: row.model_digest,
          gateId: row.gate_id,
          inputHash: row.input_hash,
          stream: row.stream,
        };
      });
}

/**
 * Whether the export is past an opinion on an item that has no label yet, of columns `given_ms` and `id`: it
 * would have come to a label given then. There was an export since, and none of the labels before it waits,
 * by labels_by_place and labels_without_place.
 */
export const exportIsPast = (opinion: string): string => `
  coalesce(${opinion}.given_ms <=
    (SELECT exported_ms FROM labels WHERE place IS NOT NULL ORDER BY place DESC LIMIT 1)
    AND NOT EXISTS (
      SELECT 1 FROM labels l
      WHERE l.place IS NULL AND (l.decided_ms, l.id) < (${opinion}.given_ms, ${opinion}.id)), false)`;

/** Labels that are sealed in one transaction, which SQLite makes everything else wait for. */
const BATCH = 2000;

/** Of the last label that is sealed. */
export const LAST_PLACE = 'SELECT max(place) AS place FROM labels WHERE place IS NOT NULL';

const lastPlace = z.object({ place: z.number().nullable() });

/** What was sealed, of a row of `LAST_PLACE` that was read in the same transaction. */
export function sealedOf(count: number, row: unknown): Sealed {
  const { place } = lastPlace.parse(row);
  return { count, cursor: place === null ? null : String(place) };
}

/** How the audit trail tells of it. */
export function sealedAct(who: string, { count, cursor }: Sealed) {
  return { act: 'labels_sealed', who, detail: { count, until: cursor } } as const;
}

/** Seals up to `limit` labels, batch by batch, until none is left. */
export async function sealInBatches(
  limit: number,
  sealBatch: (count: number) => Promise<Sealed>,
): Promise<Sealed> {
  let count = 0;
  for (;;) {
    const most = Math.min(BATCH, limit - count);
    const sealed = await sealBatch(most);
    count += sealed.count;
    if (sealed.count < most || count === limit) return { count, cursor: sealed.cursor };
  }
}

/** Labels that are read at a time. */
const PAGE = 500;

/** Joins pages into one stream of no more than `limit` labels. */
export async function* streamLabels(
  { since, limit = Infinity }: ExportRequest,
  readPage: (after: number, count: number) => Promise<readonly ExportedLabel[]>,
): AsyncGenerator<ExportedLabel, void, undefined> {
  let after = decodePlace(since);
  for (let left = limit; left > 0;) {
    const count = Math.min(PAGE, left);
    const page = await readPage(after, count);
    yield* page;
    if (page.length < count) return;
    left -= page.length;
    after = decodePlace(page.at(-1)!.cursor);
  }
}

/** @throws StoreError `bad_cursor` */
function decodePlace(cursor: string | null): number {
  if (cursor === null) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new StoreError('bad_cursor', 'since: expected the cursor of an exported label, got other text');
}
