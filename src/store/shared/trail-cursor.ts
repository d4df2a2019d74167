import { z } from 'zod';
import { StoreError } from '../store-error.ts';
import type { TrailQuery } from '../trail.ts';
import { cursorText, toCursor } from './json-cursor.ts';
import { SOURCES } from './trail-plan.ts';

/** The last entry of a page: the next one starts behind it. */
export interface Position {
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
