import { randomBytes } from 'node:crypto';
import { streamLabels } from '../labels.ts';
import type { Overlaps } from '../opinions.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { prepareAnswer } from './answer.ts';
import { prepareAudit } from './audit.ts';
import { prepareServiceEvents, prepareTrail } from './audit-trail.ts';
import { prepareClaim } from './claim.ts';
import { openDatabase } from './database.ts';
import { queueError } from './database-error.ts';
import { prepareDays } from './days.ts';
import { prepareDeleteImages } from './delete-images.ts';
import { prepareExport } from './export.ts';
import { prepareFind } from './find.ts';
import { createGroupCommit } from './group-commit.ts';
import { prepareAppend, prepareHistory } from './history.ts';
import { prepareImage } from './image.ts';
import { prepareList } from './list.ts';
import { preparePutBack } from './put-back.ts';
import { prepareReassign } from './reassign.ts';
import { prepareRecent } from './recent.ts';
import { prepareRecord } from './record.ts';
import { prepareRecordOnce } from './record-once.ts';
import { prepareRenew } from './renew.ts';
import { prepareProgress, prepareStatistics } from './statistics.ts';
import { prepareUndo } from './undo.ts';

/** Images deleted in one transaction, which others wait for. */
const DELETED_AT_ONCE = 200;
/** The same for idempotency keys. */
const FORGOTTEN_AT_ONCE = 2000;

export interface SqliteStoreOptions {
  /** On a local disk; it and its folder are created as needed. */
  readonly file: string;
  /** How many people must agree on items recorded from now on, by reason; one where absent. */
  readonly overlaps?: Overlaps;
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
 * Statements run on the calling thread. Each is an index look-up of well under a millisecond, but for the counts of days (days.ts); the commit's
 * fsync is the longest, and is shared by all that arrived in the same turn.
 *
 * @throws StoreError `newer_database`
 */
export function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return new Promise((resolve) => {
    resolve(open(options));
  });
}

function open({ file, overlaps = {}, now = Date.now, newToken = randomToken }: SqliteStoreOptions): Store {
  const db = openDatabase(file);
  const group = createGroupCommit(db);
  const append = prepareAppend(db);
  const record = prepareRecord(db, overlaps);
  const once = prepareRecordOnce(db, record);
  const find = prepareFind(db);
  const image = prepareImage(db);
  const list = prepareList(db);
  const deleteImages = prepareDeleteImages(db);
  const claim = prepareClaim(db, newToken, append);
  const renew = prepareRenew(db);
  const putBack = preparePutBack(db, append);
  const answer = prepareAnswer(db, append);
  const undo = prepareUndo(db, append);
  const reassign = prepareReassign(db, append);
  const statistics = prepareStatistics(db);
  const progress = prepareProgress(db);
  const history = prepareHistory(db);
  const readLabels = prepareExport(db);
  const auditOutcomes = prepareAudit(db);
  const recentDecisions = prepareRecent(db);
  const serviceEvents = prepareServiceEvents(db);
  const trail = prepareTrail(db);
  let closed = false;

  function refuseClosed(): void {
    if (closed) throw new StoreError('queue_closed', 'the review queue is closed: the service is stopping');
  }

  async function read<T>(query: () => T): Promise<T> {
    refuseClosed();
    try {
      return await Promise.resolve(query());
    } catch (error) {
      throw queueError(error);
    }
  }

  const dayCounts = prepareDays(db, read);

  async function write<T>(change: () => T): Promise<T> {
    refuseClosed();
    try {
      return await group.commit(change);
    } catch (error) {
      throw queueError(error);
    }
  }

  return {
    records: {
      record: (prediction, file) =>
        write(() => {
          record(prediction, file);
        }),
      recordOnce: (request, recordings) => write(() => once.record(request, recordings, now())),
      findRequest: (key) => read(() => once.find(key, now())),
      find: (id) => read(() => find(id, now())),
    },
    images: { get: (id) => read(() => image(id)) },
    items: {
      list: (filter) => read(() => list(filter, now())),
      history: (id) => read(() => history(id)),
    },
    reviewing: {
      claim: (request) => write(() => claim(request, now())),
      renew: (id, lease, leaseMs) => write(() => renew(id, lease, leaseMs, now())),
      putBack: (id, lease, how) => write(() => putBack(id, lease, how, now())),
      label: (id, lease, label) => write(() => answer(id, lease, label, now())),
      discard: (id, lease, opinion) => write(() => answer(id, lease, { ...opinion, label: null }, now())),
      undo: (id, request) => write(() => undo(id, request, now())),
      reassign: (id, reassignment) => write(() => reassign(id, reassignment, now())),
    },
    labels: {
      exportLabels: (request) =>
        streamLabels(request, (after, count) => write(() => readLabels(after, count, now()))),
    },
    trail: {
      recordAct: (event) =>
        write(() => {
          serviceEvents.act(event, now());
        }),
      recordChange: (change) => write(() => serviceEvents.change(change, now())),
      read: (query) => read(() => trail(query)),
    },
    figures: {
      statistics: () => read(() => statistics(now())),
      progress: (sinceMs) => read(() => progress(sinceMs)),
      auditOutcomes: (window) => read(() => auditOutcomes(window)),
      dayCounts,
      recentDecisions: (range) => read(() => recentDecisions(range)),
    },
    retention: {
      deleteImages: async (decidedBeforeMs) => {
        for (let deleted = 0; ;) {
          const some = await write(() => deleteImages(decidedBeforeMs, DELETED_AT_ONCE, now()));
          deleted += some;
          if (some < DELETED_AT_ONCE) return deleted;
        }
      },
      forgetRequests: async () => {
        for (let forgotten = 0; ;) {
          const some = await write(() => once.forget(now(), FORGOTTEN_AT_ONCE));
          forgotten += some;
          if (some < FORGOTTEN_AT_ONCE) return forgotten;
        }
      },
    },
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
