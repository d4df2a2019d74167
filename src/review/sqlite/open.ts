import { randomBytes } from 'node:crypto';
import type { ReviewQueue } from '../queue.ts';
import { ReviewQueueError } from '../review-queue-error.ts';
import { prepareClaim } from './claim.ts';
import { openDatabase } from './database.ts';
import { prepareFind } from './find.ts';
import { createGroupCommit } from './group-commit.ts';
import { prepareImage } from './image.ts';
import { prepareLabel } from './label.ts';
import { prepareList } from './list.ts';
import { preparePutBack } from './put-back.ts';
import { prepareRecord } from './record.ts';
import { prepareRenew } from './renew.ts';
import { prepareStatistics } from './statistics.ts';

export interface SqliteQueueOptions {
  /** On a local disk; it and its folder are created as needed. */
  readonly file: string;
  /** Milliseconds since 1970; by this clock leases lapse. */
  readonly now?: () => number;
  /** A text that nobody can guess and that never comes twice. */
  readonly newToken?: () => string;
}

/** 144 random bits, in URL-safe characters. */
function randomToken(): string {
  return randomBytes(18).toString('base64url');
}

/**
 * Opens the queue in an SQLite file.
 *
 * Any number of processes may have it open, so that `export` can run beside the service: every change is one
 * transaction that takes the write lock first, and is decided from the file, never from memory. They must be of one
 * release, and on one machine, where they share one disk and one clock. A network file system is not supported.
 *
 * Statements run on the calling thread. Each is an index look-up of well under a millisecond; the commit's fsync
 * is the longest, and is shared by all that arrived in the same turn.
 *
 * @throws ReviewQueueError `newer_database`
 */
export function openSqliteQueue(options: SqliteQueueOptions): Promise<ReviewQueue> {
  return new Promise((resolve) => {
    resolve(open(options));
  });
}

function open({ file, now = Date.now, newToken = randomToken }: SqliteQueueOptions): ReviewQueue {
  const db = openDatabase(file);
  const group = createGroupCommit(db);
  const record = prepareRecord(db);
  const find = prepareFind(db);
  const image = prepareImage(db);
  const list = prepareList(db);
  const claim = prepareClaim(db, newToken);
  const renew = prepareRenew(db);
  const putBack = preparePutBack(db);
  const label = prepareLabel(db);
  const statistics = prepareStatistics(db);
  let closed = false;

  function refuseClosed(): void {
    if (closed)
      throw new ReviewQueueError('queue_closed', 'the review queue is closed: the service is stopping');
  }

  function read<T>(query: () => T): Promise<T> {
    return new Promise((resolve) => {
      refuseClosed();
      resolve(query());
    });
  }

  function write<T>(change: () => T): Promise<T> {
    return new Promise((resolve) => {
      refuseClosed();
      resolve(group.commit(change));
    });
  }

  return {
    record: (prediction, file) =>
      write(() => {
        record(prediction, file);
      }),
    find: (id) => read(() => find(id, now())),
    image: (id) => read(() => image(id)),
    list: (filter) => read(() => list(filter, now())),
    claim: (request) => write(() => claim(request, now())),
    renew: (id, lease, leaseMs) => write(() => renew(id, lease, leaseMs, now())),
    putBack: (id, lease, how) => write(() => putBack(id, lease, how, now())),
    label: (id, lease, humanLabel) => write(() => label(id, lease, humanLabel, now())),
    statistics: () => read(() => statistics(now())),
    close: () =>
      new Promise((resolve) => {
        if (!closed) {
          closed = true;
          group.flush();
          db.close();
        }
        resolve();
      }),
  };
}
