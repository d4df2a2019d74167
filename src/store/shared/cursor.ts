import { z } from 'zod';
import { plainText } from '../../plain-text.ts';
import { cursorText, toCursor } from './json-cursor.ts';
import type { ListFilter } from '../review-items.ts';
import type { ReviewStatus } from '../review-status.ts';
import { StoreError } from '../store-error.ts';

type Order = ListFilter['order'];

/** The last item of a page: the next one starts behind it, whatever was added or labelled meanwhile. */
export type Position = Pick<ReviewStatus, 'id' | 'createdMs' | 'priority'>;

const fields = cursorText.pipe(
  z.tuple([z.enum(['newest', 'most_sensitive']), z.number(), z.int(), plainText(z.string())]),
);

/**
 * Text for `position` in a list sorted by `order`. Whoever decodes it learns the priority only where the
 * order shows it anyway: in a list by age it would tell reviewers how sensitive an item is, and so which ones
 * are audits.
 */
export function encodeCursor(order: Order, position: Position): string {
  const priority = order === 'most_sensitive' ? position.priority : 0;
  return toCursor([order, priority, position.createdMs, position.id]);
}

/**
 * The position that `encodeCursor` wrote.
 *
 * @throws StoreError `bad_cursor` for any other text, and for a cursor of the other order: going on from it
 * would repeat and miss items without a word.
 */
export function decodeCursor(order: Order, cursor: string): Position {
  const parsed = fields.safeParse(cursor);
  if (!parsed.success) {
    throw new StoreError('bad_cursor', 'cursor: expected the nextCursor of an earlier page, got other text');
  }
  const [writtenFor, priority, createdMs, id] = parsed.data;
  if (writtenFor !== order) {
    throw new StoreError(
      'bad_cursor',
      `cursor: expected one of a list by ${order}, got one by ${writtenFor}`,
    );
  }
  return { id, createdMs, priority };
}
