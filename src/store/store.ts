import type { Images } from '../images/images.ts';
import type { Alarms } from './alarms.ts';
import type { Closings } from './closings.ts';
import type { Figures } from './figures.ts';
import type { Forgetting } from './forgetting.ts';
import type { Keeping } from './keeping.ts';
import type { Labels } from './labels.ts';
import type { Records } from './records.ts';
import type { Retention } from './retention.ts';
import type { ReviewItems } from './review-items.ts';
import type { Reviewing } from './reviewing.ts';
import type { Trail } from './trail.ts';

/**
 * Durable home of every prediction and of the items that people review: one port for each consumer.
 *
 * A promise that resolves means durable: what it reports survives kill -9 of this process.
 *
 * @throws StoreError `database_unavailable` from every method while the database server does not answer, or
 * the database's file cannot be written. What was asked for may or may not have been done, and may be asked
 * for again.
 */
export interface Store {
  readonly records: Records;
  readonly images: Pick<Images, 'get' | 'size'>;
  readonly keeping: Keeping;
  readonly items: ReviewItems;
  readonly reviewing: Reviewing;
  readonly labels: Labels;
  readonly trail: Trail;
  readonly figures: Figures;
  readonly retention: Retention;
  readonly forgetting: Forgetting;
  readonly alarms: Alarms;
  readonly closings: Closings;
  /** Finishes what is under way. Every later call is refused with a StoreError `queue_closed`. */
  close(): Promise<void>;
}
