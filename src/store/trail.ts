import { z } from 'zod';
import { cursorText, toCursor } from './json-cursor.ts';
import type { Json } from './json.ts';
import { StoreError } from './store-error.ts';

/** Acts on one item. They stand in the items' histories, and the trail reads them there. */
export const ITEM_ACTS = ['labelled', 'discarded', 'undone', 'reassigned'] as const;

/** Acts on the service as a whole, which have a table of their own. */
export const SERVICE_ACTS = ['labels_exported', 'images_deleted', 'gate_changed', 'keys_changed'] as const;

export const TRAIL_ACTS = [...ITEM_ACTS, ...SERVICE_ACTS] as const;

export type ItemAct = (typeof ITEM_ACTS)[number];
export type ServiceAct = (typeof SERVICE_ACTS)[number];
export type TrailAct = (typeof TRAIL_ACTS)[number];

/** Who did what, and when. Nothing in the trail is ever changed or deleted, which the database itself refuses. */
export interface TrailEntry {
  readonly atMs: number;
  readonly act: TrailAct;
  /** The id of a caller; null where a file was changed, which tells nobody's name. */
  readonly who: string | null;
  /** Id of the item; null for what concerns the service as a whole. */
  readonly item: string | null;
  readonly detail: { readonly [key: string]: Json };
}

export interface TrailQuery {
  readonly act?: TrailAct;
  readonly who?: string;
  /** From then on. */
  readonly sinceMs?: number;
  /** Before then. */
  readonly untilMs?: number;
  /** Opaque, from a previous page. */
  readonly cursor?: string;
  readonly limit: number;
}

/** Newest first. */
export interface TrailPage {
  readonly entries: readonly TrailEntry[];
  readonly nextCursor: string | null;
}

/** Something done to the service as a whole. */
export interface ServiceEvent {
  readonly act: 'labels_exported' | 'images_deleted';
  readonly who: string | null;
  readonly detail: { readonly [key: string]: Json };
}

/** What the service now runs with. */
export interface ServiceChange {
  readonly act: 'gate_changed' | 'keys_changed';
  /** Null where there is none. Written beside the one before it, as `from` and `to`. */
  readonly state: Json;
}

/** Who did what to whom: what people did with items, and what was done to the service as a whole. */
export interface Trail {
  /** Writes down what somebody did. */
  recordAct(event: ServiceEvent): Promise<void>;
  /** Writes down what the service runs with, where that is not what was written last; whether it was written. */
  recordChange(change: ServiceChange): Promise<boolean>;
  /**
   * One page, newest first.
   *
   * @throws StoreError `bad_cursor`
   */
  read(query: TrailQuery): Promise<TrailPage>;
}

/** Which of the two tables an entry stands in; of one moment those of items come first. */
export const SOURCES = { service: 0, item: 1 } as const;

/** The last entry of a page: the next one starts behind it. */
interface Position {
  readonly atMs: number;
  readonly source: number;
  readonly n: number;
}

/** In each table the rows of a page are those below `(atMs, n)`, n being the table's own. */
export interface TrailBounds {
  readonly atMs: number;
  readonly itemN: number;
  readonly serviceN: number;
}

const fields = cursorText.pipe(z.tuple([z.literal('trail'), z.int(), z.int(), z.int()]));

export function encodeTrailCursor({ atMs, source, n }: Position): string {
  return toCursor(['trail', atMs, source, n]);
}

/**
 * Where a page starts.
 *
 * @throws StoreError `bad_cursor`
 */
export function trailBounds({ cursor, untilMs = Number.MAX_SAFE_INTEGER }: TrailQuery): TrailBounds {
  if (cursor === undefined) return { atMs: untilMs, itemN: 0, serviceN: 0 };
  const parsed = fields.safeParse(cursor);
  if (!parsed.success) {
    throw new StoreError(
      'bad_cursor',
      'cursor: expected the next_cursor of an earlier page of the trail, got other text',
    );
  }
  const [, atMs, source, n] = parsed.data;
  const boundOf = (of: number): number => (of === source ? n : of < source ? Number.MAX_SAFE_INTEGER : 0);
  return { atMs, itemN: boundOf(SOURCES.item), serviceN: boundOf(SOURCES.service) };
}

/** The acts that a query is about, by table. */
export function actsOf({ act }: TrailQuery): {
  readonly items: readonly ItemAct[];
  readonly service: readonly ServiceAct[];
} {
  return {
    items: ITEM_ACTS.filter((known) => act === undefined || known === act),
    service: SERVICE_ACTS.filter((known) => act === undefined || known === act),
  };
}

const ITEM_DETAILS: Readonly<Record<ItemAct, string | null>> = {
  labelled: 'label',
  discarded: 'note',
  undone: null,
  reassigned: 'to',
};

/** What an item's history has as one text, by the name of what it is. */
export function itemDetail(act: ItemAct, detail: string | null): { readonly [key: string]: Json } {
  const name = ITEM_DETAILS[act];
  return name === null ? {} : { [name]: detail };
}

/** One row more than `limit` tells whether there is a next page. */
export function pageOf(rows: readonly (TrailEntry & Position)[], limit: number): TrailPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    entries: shown.map(({ atMs, act, who, item, detail }) => ({ atMs, act, who, item, detail })),
    nextCursor: rows.length > limit && last !== undefined ? encodeTrailCursor(last) : null,
  };
}
