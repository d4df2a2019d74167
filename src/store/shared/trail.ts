import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Json } from '../json.ts';
import {
  type ItemAct,
  ITEM_ACTS,
  SERVICE_ACTS,
  type ServiceChange,
  type Trail,
  type TrailEntry,
} from '../trail.ts';
import type { Dialect, ReadRows } from './dialect.ts';
import { encodeTrailCursor, trailBounds } from './trail-cursor.ts';
import { trailSql } from './trail-plan.ts';

const DETAIL_NAMES: Readonly<Record<ItemAct, string | null>> = {
  labelled: 'label',
  none_of_these: 'note',
  unreadable: 'note',
  discarded: 'note',
  undone: null,
  reassigned: 'to',
  forgotten: null,
};

/** What an item's history has as one text, by the name of what it is. */
function itemDetail(act: ItemAct, detail: string | null): TrailEntry['detail'] {
  const name = DETAIL_NAMES[act];
  return name === null ? {} : { [name]: detail };
}

const detailOf = ({ json }: Pick<Dialect<unknown>, 'json'>) =>
  json.pipe(z.custom<TrailEntry['detail']>((value) => typeof value === 'object' && value !== null));

/** Reads the trail, newest first. */
export function readingTrail<Query>(dialect: Dialect<Query>, rows: ReadRows<Query>): Trail['read'] {
  const placed = { at_ms: z.number(), source: z.number(), n: z.number(), who: z.string().nullable() };
  const trailRow = z.union([
    z
      .object({ ...placed, act: z.enum(ITEM_ACTS), item: z.string(), detail: z.string().nullable() })
      .transform((row) => ({ ...row, detail: itemDetail(row.act, row.detail) })),
    z.object({ ...placed, act: z.enum(SERVICE_ACTS), item: z.null(), detail: detailOf(dialect) }),
  ]);
  const trailRows = z.array(trailRow);

  return async (query) => {
    const { limit, sinceMs = 0, who } = query;
    const values = { ...trailBounds(query), sinceMs, who, count: limit + 1 };
    const found = trailRows.parse(await rows(dialect.query(trailSql(query, dialect)), values));
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      entries: shown.map(({ at_ms: atMs, act, who, item, detail }) => ({ atMs, act, who, item, detail })),
      nextCursor:
        found.length > limit && last !== undefined ? encodeTrailCursor({ ...last, atMs: last.at_ms }) : null,
    };
  };
}

/** The one last written of changes of `:act`. Which that is does not hang on the clock. */
export const LAST_CHANGE = 'SELECT detail FROM service_events WHERE act = :act ORDER BY n DESC LIMIT 1';

/**
 * The detail to write of a change, behind the row that `LAST_CHANGE` gives; null where the state is the same.
 */
export function changesOf(dialect: Pick<Dialect<unknown>, 'json'>) {
  const lastRow = z.object({ detail: detailOf(dialect) }).optional();
  return (last: unknown, { state }: ServiceChange): string | null => {
    const from: Json = lastRow.parse(last)?.detail.to ?? null;
    return isDeepStrictEqual(from, state) ? null : JSON.stringify({ from, to: state });
  };
}
