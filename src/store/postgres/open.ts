import { streamLabels } from '../labels.ts';
import type { Overlaps } from '../opinions.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { auditOutcomes, history, progress, statistics } from './accounts.ts';
import { answer } from './answer.ts';
import { recordAct, recordChange, trail } from './audit-trail.ts';
import { claim } from './claim.ts';
import { openPool } from './connection.ts';
import { dayCounts } from './days.ts';
import { deleteImages } from './delete-images.ts';
import { readLabels } from './export.ts';
import { find, image } from './find.ts';
import { putBack, renew } from './leases.ts';
import { list } from './list.ts';
import { migrate } from './migrate.ts';
import { reassign } from './reassign.ts';
import { recentDecisions } from './recent.ts';
import { record } from './record.ts';
import { findRequest, forgetRequests, recordOnce } from './record-once.ts';
import { undo } from './undo.ts';

/** Images deleted in one transaction. */
const DELETED_AT_ONCE = 200;
/** Idempotency keys deleted in one transaction. */
const FORGOTTEN_AT_ONCE = 2000;
const MIGRATION_MS = 24 * 3600 * 1000;

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; the first schema of its search path is used. */
  readonly url: string;
  /** Connections at most, of this process. */
  readonly poolSize?: number;
  /** How many people must agree on items recorded from now on, by reason; one where absent. */
  readonly overlaps?: Overlaps;
  /** For tests alone: leases lapse by this clock, milliseconds since 1970, and not by the server's. */
  readonly now?: () => number;
}

/**
 * Opens the queue in a PostgreSQL database, version 13 or newer, and brings its schema forward.
 *
 * Any number of processes may have it open, on any number of machines: whatever they do is decided by one statement or
 * behind a lock on the item's row, and time is the server's.
 *
 * @throws StoreError `newer_database`, `database_unavailable`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, poolSize = 10, overlaps = {}, now } = options;
  // A step over a full table takes as long as it takes, and so does waiting for the replica that makes it.
  const patient = openPool(url, 1, MIGRATION_MS);
  try {
    await migrate(patient);
  } finally {
    await patient.close();
  }
  const database = openPool(url, poolSize);
  let closed: Promise<void> | null = null;
  const testClock = (): number | null => now?.() ?? null;

  /** Runs `work` unless the queue is closed. */
  async function whileOpen<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new StoreError('queue_closed', 'the review queue is closed: the service is stopping');
    return work();
  }

  return {
    records: {
      record: (prediction, file) => whileOpen(() => record(database, overlaps, prediction, file)),
      recordOnce: (request, recordings) =>
        whileOpen(() =>
          database.transaction((connection) =>
            recordOnce(connection, overlaps, request, recordings, testClock()),
          ),
        ),
      findRequest: (key) => whileOpen(() => findRequest(database, key, testClock())),
      find: (id) => whileOpen(() => find(database, id, testClock())),
    },
    images: { get: (id) => whileOpen(() => image(database, id)) },
    items: {
      list: (filter) => whileOpen(() => list(database, filter, testClock())),
      history: (id) => whileOpen(() => history(database, id)),
    },
    reviewing: {
      claim: (request) => whileOpen(() => claim(database, request, testClock())),
      renew: (id, lease, leaseMs) => whileOpen(() => renew(database, id, lease, leaseMs, testClock())),
      putBack: (id, lease, how) => whileOpen(() => putBack(database, id, lease, how, testClock())),
      label: (id, lease, label) => whileOpen(() => answer(database, id, lease, label, testClock())),
      discard: (id, lease, opinion) =>
        whileOpen(() => answer(database, id, lease, { ...opinion, label: null }, testClock())),
      undo: (id, request) =>
        whileOpen(() => database.transaction((connection) => undo(connection, id, request, testClock()))),
      reassign: (id, reassignment) =>
        whileOpen(() =>
          database.transaction((connection) => reassign(connection, id, reassignment, testClock())),
        ),
    },
    labels: {
      exportLabels: (request) =>
        streamLabels(request, (after, count) =>
          whileOpen(() => readLabels(database, after, count, testClock())),
        ),
    },
    trail: {
      recordAct: (event) => whileOpen(() => recordAct(database, event, testClock())),
      recordChange: (change) =>
        whileOpen(() => database.transaction((connection) => recordChange(connection, change, testClock()))),
      read: (query) => whileOpen(() => trail(database, query)),
    },
    figures: {
      statistics: () => whileOpen(() => statistics(database, testClock())),
      progress: (sinceMs) => whileOpen(() => progress(database, sinceMs)),
      auditOutcomes: (window) => whileOpen(() => auditOutcomes(database, window)),
      dayCounts: (range) => whileOpen(() => dayCounts(database, range)),
      recentDecisions: (range) => whileOpen(() => recentDecisions(database, range)),
    },
    retention: {
      deleteImages: async (decidedBeforeMs) => {
        for (let deleted = 0; ;) {
          const some = await whileOpen(() =>
            deleteImages(database, decidedBeforeMs, DELETED_AT_ONCE, testClock()),
          );
          deleted += some;
          if (some < DELETED_AT_ONCE) return deleted;
        }
      },
      forgetRequests: async () => {
        for (let forgotten = 0; ;) {
          const some = await whileOpen(() => forgetRequests(database, FORGOTTEN_AT_ONCE, testClock()));
          forgotten += some;
          if (some < FORGOTTEN_AT_ONCE) return forgotten;
        }
      },
    },
    close: () => (closed ??= database.close()),
  };
}
