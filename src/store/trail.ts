import type { Json } from './json.ts';

/** Acts on one item. They stand in the items' histories, and the trail reads them there. */
export const ITEM_ACTS = [
  'labelled',
  'none_of_these',
  'unreadable',
  'discarded',
  'undone',
  'reassigned',
  'forgotten',
] as const;

/** Acts on the service as a whole, which have a table of their own. */
export const SERVICE_ACTS = [
  'labels_sealed',
  'labels_exported',
  'images_deleted',
  'records_deleted',
  'gate_changed',
  'keys_changed',
  'alarm_raised',
  'alarm_ended',
  'gate_closed',
  'gate_reopened',
] as const;

export const TRAIL_ACTS = [...ITEM_ACTS, ...SERVICE_ACTS] as const;

export type ItemAct = (typeof ITEM_ACTS)[number];
export type ServiceAct = (typeof SERVICE_ACTS)[number];
export type TrailAct = (typeof TRAIL_ACTS)[number];

/**
 * Who did what, and when. Nothing in the trail is ever changed or deleted, which the database itself refuses.
 */
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
  readonly act:
    | 'labels_sealed'
    | 'labels_exported'
    | 'images_deleted'
    | 'records_deleted'
    | 'alarm_raised'
    | 'alarm_ended'
    | 'gate_closed'
    | 'gate_reopened';
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
  /**
   * Writes down what the service runs with, where that is not what was written last; whether it was written.
   */
  recordChange(change: ServiceChange): Promise<boolean>;
  /**
   * One page, newest first.
   *
   * @throws StoreError `bad_cursor`
   */
  read(query: TrailQuery): Promise<TrailPage>;
}
