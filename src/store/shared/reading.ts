import type { Images } from '../../images/images.ts';
import type { Alarms } from '../alarms.ts';
import type { Closings } from '../closings.ts';
import type { Figures } from '../figures.ts';
import type { Forgetting } from '../forgetting.ts';
import type { Records } from '../records.ts';
import type { ReviewItems } from '../review-items.ts';
import type { Trail } from '../trail.ts';
import { readingAlarms } from './alarms.ts';
import { readingClosings } from './closings.ts';
import type { Dialect, ReadRows } from './dialect.ts';
import { type OwnFigures, readingFigures } from './figures.ts';
import { finding } from './find.ts';
import { findingRecords } from './forgetting.ts';
import { readingHistory } from './history.ts';
import { readingKept } from './keeping.ts';
import { listing } from './list-plan.ts';
import { readingTrail } from './trail.ts';

/** What of the store's ports only reads. */
export interface Reading {
  readonly records: Pick<Records, 'find' | 'findRequest'>;
  readonly images: Pick<Images, 'get' | 'size'>;
  readonly keeping: ReturnType<typeof readingKept>;
  readonly items: ReviewItems;
  readonly trail: Pick<Trail, 'read'>;
  readonly figures: Figures;
  readonly forgetting: Pick<Forgetting, 'matching' | 'oldRecords' | 'wasForgotten'>;
  readonly alarms: Pick<Alarms, 'of'>;
  readonly closings: Pick<Closings, 'of'>;
}

/** Reads a database whose SQL differs from others' by its dialect alone, and by its own ways to count. */
export function reading<Query>(
  dialect: Dialect<Query>,
  rows: ReadRows<Query>,
  own: OwnFigures<Query>,
): Reading {
  const { find, findItem, findRequest, get, size } = finding(dialect, rows);
  return {
    records: { find, findRequest },
    images: { get, size },
    keeping: readingKept(dialect, rows),
    items: { find: findItem, list: listing(dialect, rows), history: readingHistory(dialect, rows) },
    trail: { read: readingTrail(dialect, rows) },
    figures: readingFigures(dialect, rows, own),
    forgetting: findingRecords(dialect, rows),
    alarms: readingAlarms(dialect, rows),
    closings: readingClosings(dialect, rows),
  };
}
