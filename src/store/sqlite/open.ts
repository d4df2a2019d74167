import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Database, Statement } from 'better-sqlite3';
import type { Overlaps } from '../opinions.ts';
import type { ReadRows, Values } from '../shared/dialect.ts';
import { sealInBatches, streamLabels } from '../shared/labels.ts';
import { reading } from '../shared/reading.ts';
import { retaining } from '../shared/retention.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { prepareAlarms } from './alarms.ts';
import { prepareAnswer } from './answer.ts';
import { prepareServiceEvents } from './audit-trail.ts';
import { prepareClaim } from './claim.ts';
import { prepareClosings } from './closings.ts';
import { openDatabase } from './database.ts';
import { queueError } from './database-error.ts';
import { OLD_IMAGES, prepareForgetImages } from './delete-images.ts';
import { dialect } from './dialect.ts';
import { createErase } from './erase.ts';
import { prepareExport } from './export.ts';
import { countDays, STATISTICS } from './figures.ts';
import { prepareForget, prepareLeave } from './forget.ts';
import { createGroupCommit } from './group-commit.ts';
import { prepareAppend } from './history.ts';
import { prepareKeep } from './keep.ts';
import { preparePutBack } from './put-back.ts';
import { prepareReassign } from './reassign.ts';
import { prepareRecord } from './record.ts';
import { prepareRecordOnce } from './record-once.ts';
import { prepareRenew } from './renew.ts';
import { prepareSettle } from './settle.ts';
import { prepareUndo } from './undo.ts';

export interface SqliteStoreOptions {
  /** On a local disk; it and its folder are created as needed. */
  readonly file: string;
  /** How many people must agree on items recorded from now on, by reason; one where absent. */
  readonly overlaps?: Overlaps;
  /** Open items at most of one caller; any number where absent. */
  readonly maxOpenItems?: number;
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
 * transaction that takes the write lock first, and is decided from the file, never from memory. They must be
 * of one release, and on one machine, where they share one disk and one clock. A network file system is not
 * supported.
 *
 * Statements run on the calling thread. Each is an index look-up of well under a millisecond, but for the
 * counts of days (figures.ts); the commit's fsync is the longest, and is shared by all that arrived in the
 * same turn.
 *
 * @throws StoreError `newer_database`
 */
export function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  return new Promise((resolve) => {
    resolve(open(options));
  });
}

function open({
  file,
  overlaps = {},
  maxOpenItems = Infinity,
  now = Date.now,
  newToken = randomToken,
}: SqliteStoreOptions): Store {
  const db = openDatabase(file);
  const group = createGroupCommit(db);
  const append = prepareAppend(db);
  const record = prepareRecord(db, { overlaps, maxOpenItems });
  const once = prepareRecordOnce(db, record);
  const kept = prepareKeep(db, overlaps);
  const claim = prepareClaim(db, newToken, append);
  const renew = prepareRenew(db);
  const putBack = preparePutBack(db, append);
  const answer = prepareAnswer(db, append);
  const undo = prepareUndo(db, append);
  const reassign = prepareReassign(db, append);
  const settle = prepareSettle(db, append);
  const forgetImages = prepareForgetImages(db);
  const forget = prepareForget(db, append);
  const leave = prepareLeave(db);
  const erase = createErase(db);
  const all = prepareAll(db);
  const serviceEvents = prepareServiceEvents(db);
  const alarms = prepareAlarms(db, serviceEvents.act);
  const closings = prepareClosings(db, serviceEvents.act);
  const labels = prepareExport(db, serviceEvents.act);
  let closed = false;

  function refuseClosed(): void {
    if (closed) throw new StoreError('queue_closed', 'the review queue is closed: the service is stopping');
  }

  /** Reads otherwise than by a query of the dialect. */
  async function read<T>(look: () => T): Promise<T> {
    refuseClosed();
    try {
      return await Promise.resolve(look());
    } catch (error) {
      throw queueError(error);
    }
  }

  async function write<T>(change: () => T): Promise<T> {
    refuseClosed();
    try {
      return await group.commit(change);
    } catch (error) {
      throw queueError(error);
    }
  }

  const rows: ReadRows<string> = (sql, values) => read(() => all(sql, { ...values, now: now() }));

  const reads = reading(dialect, rows, {
    load: () => ({ connections: null, waiting: group.waiting, bytes: bytesOf(file) }),
    statistics: STATISTICS,
    countDays: (range) => countDays(rows, range),
  });

  return {
    ...reads,
    records: {
      ...reads.records,
      recordAll: (recordings) => write(() => record(recordings)),
      recordOnce: (request, recordings) => write(() => once.record(request, recordings, now())),
    },
    keeping: {
      ...reads.keeping,
      keep: (answers) => write(() => kept.keep(answers)),
      enter: (entries) => write(() => kept.enter(entries)),
      redraw: (draws) => write(() => kept.redraw(draws)),
      drop: (ids) => write(() => kept.drop(ids)),
    },
    reviewing: {
      claim: (request) => write(() => claim(request, now())),
      renew: (id, hold, leaseMs) => write(() => renew(id, hold, leaseMs, now())),
      putBack: (id, hold, how) => write(() => putBack(id, hold, how, now())),
      label: (id, lease, label) => write(() => answer(id, lease, { ...label, finding: null }, now())),
      discard: (id, lease, opinion) =>
        write(() => answer(id, lease, { finding: null, ...opinion, label: null }, now())),
      undo: (id, request) => write(() => undo(id, request, now())),
      reassign: (id, reassignment) => write(() => reassign(id, reassignment, now())),
      settle: (id, settlement) => write(() => settle(id, settlement, now())),
    },
    labels: {
      seal: ({ who, limit = Infinity }) =>
        sealInBatches(limit, (count) => write(() => labels.seal(who, count, now()))),
      exportLabels: (request) =>
        streamLabels(request, (after, count) => read(() => labels.read(after, count))),
    },
    trail: {
      ...reads.trail,
      recordAct: (event) =>
        write(() => {
          serviceEvents.act(event, now());
        }),
      recordChange: (change) => write(() => serviceEvents.change(change, now())),
    },
    retention: retaining(rows, {
      oldImages: OLD_IMAGES,
      forgetImages: (ids) => write(() => forgetImages(ids, now())),
      forgetRequests: (most) => write(() => once.forget(now(), most)),
    }),
    forgetting: {
      ...reads.forgetting,
      remove: (ids, reason) => write(() => forget(ids, reason, now())),
      leave: (ids) => write(() => leave(ids)),
      erase: async (whole = false) => {
        refuseClosed();
        group.flush();
        try {
          return await erase(whole);
        } catch (error) {
          throw queueError(error);
        }
      },
    },
    alarms: {
      ...reads.alarms,
      raise: (alarm) => write(() => alarms.raise(alarm, now())),
      end: (alarm) => write(() => alarms.end(alarm, now())),
      saveWatch: (holder, evidence) =>
        write(() => {
          alarms.save(holder, evidence, now());
        }),
      takeWatch: (holder, staleMs) => write(() => alarms.take(holder, staleMs, now())),
      leaveWatch: (holder) =>
        write(() => {
          alarms.leave(holder);
        }),
    },
    closings: {
      ...reads.closings,
      close: (place, proof, known) => write(() => closings.close(place, proof, known, now())),
      reopen: (reopening) => write(() => closings.reopen(reopening, now())),
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

/** Of the file and of what is not yet in it, its write-ahead log. */
function bytesOf(file: string): number {
  const sizes = [file, `${file}-wal`].map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Runs queries that only read; each text is prepared once. */
function prepareAll(db: Database) {
  const prepared = new Map<string, Statement>();
  return (sql: string, values: Values): unknown[] => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement.all(values);
  };
}
