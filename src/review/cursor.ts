import { z } from 'zod';
import type { ListFilter, PredictionRecord } from './queue.ts';
import { ReviewQueueError } from './review-queue-error.ts';

type Order = ListFilter['order'];

/** The last item of a page: the next one starts behind it, whatever was added or labelled meanwhile. */
export type Position = Pick<PredictionRecord, 'id' | 'createdMs' | 'priority'>;

const cursorText = z
  .base64url()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(Buffer.from(text, 'base64url').toString());
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.tuple([z.enum(['newest', 'most_sensitive']), z.number(), z.int(), z.string()]));

/**
 * Text for `position` in a list sorted by `order`. Whoever decodes it learns the priority only where the order shows it
 * anyway: in a list by age it would tell reviewers how sensitive an item is, and so which ones are audits.
 */
export function encodeCursor(order: Order, position: Position): string {
  const priority = order === 'most_sensitive' ? position.priority : 0;
  const fields = [order, priority, position.createdMs, position.id];
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

/**
 * The position that `encodeCursor` wrote.
 *
 * @throws ReviewQueueError `bad_cursor` for any other text, and for a cursor of the other order: going on from it
 * would repeat and miss items without a word.
 */
export function decodeCursor(order: Order, cursor: string): Position {
  const parsed = cursorText.safeParse(cursor);
  if (!parsed.success) {
    throw new ReviewQueueError(
      'bad_cursor',
      'cursor: expected the nextCursor of an earlier page, got other text',
    );
  }
  const [writtenFor, priority, createdMs, id] = parsed.data;
  if (writtenFor !== order) {
    throw new ReviewQueueError(
      'bad_cursor',
      `cursor: expected one of a list by ${order}, got one by ${writtenFor}`,
    );
  }
  return { id, createdMs, priority };
}
