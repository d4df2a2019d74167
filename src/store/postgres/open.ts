import type { Overlaps } from '../opinions.ts';
import type { ReadRows } from '../shared/dialect.ts';
import { sealInBatches, streamLabels } from '../shared/labels.ts';
import { reading } from '../shared/reading.ts';
import { retaining } from '../shared/retention.ts';
import type { Store } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { end, leaveWatch, raise, saveWatch, takeWatch } from './alarms.ts';
import { answer } from './answer.ts';
import { recordAct, recordChange } from './audit-trail.ts';
import { claim } from './claim.ts';
import { close, reopen } from './closings.ts';
import { type Connection, openPool } from './connection.ts';
import { forgetImages, OLD_IMAGES } from './delete-images.ts';
import { dialect } from './dialect.ts';
import { readLabels, sealLabels } from './export.ts';
import { DAYS, STATISTICS } from './figures.ts';
import { leave, remove } from './forget.ts';
import { drop, enter, keep, redraw } from './keep.ts';
import { putBack, renew } from './leases.ts';
import { migrate } from './migrate.ts';
import { reassign } from './reassign.ts';
import { record } from './record.ts';
import { forgetRequests, recordOnce } from './record-once.ts';
import type { Statement } from './sql.ts';
import { settle } from './settle.ts';
import { undo } from './undo.ts';

const MIGRATION_MS = 24 * 3600 * 1000;

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; the first schema of its search path is used. */
  readonly url: string;
  /** Connections at most, of this process. */
  readonly poolSize?: number;
  /** How many people must agree on items recorded from now on, by reason; one where absent. */
  readonly overlaps?: Overlaps;
  /**
   * Open items at most of one caller; any number where absent. Requests that are recorded at once, by any
   * replica, do not count each other.
   */
  readonly maxOpenItems?: number;
  /** For tests alone: leases lapse by this clock, milliseconds since 1970, and not by the server's. */
  readonly now?: () => number;
}

/**
 * Opens the queue in a PostgreSQL database, version 13 or newer, and brings its schema forward.
 *
 * Any number of processes may have it open, on any number of machines: whatever they do is decided by one
 * statement or behind a lock on the item's row, and time is the server's.
 *
 * @throws StoreError `newer_database`, `database_unavailable`
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Store> {
  const { url, poolSize = 10, overlaps = {}, maxOpenItems = Infinity, now } = options;
  const limits = { overlaps, maxOpenItems };
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

  /** Runs `work` at the store's time, unless the store is closed. */
  async function at<T>(work: (now: number | null) => Promise<T>): Promise<T> {
    if (closed) throw new StoreError('queue_closed', 'the review queue is closed: the service is stopping');
    return work(testClock());
  }

  /** The same, in one transaction. */
  const within = <T>(work: (connection: Connection, now: number | null) => Promise<T>): Promise<T> =>
    at((now) => database.transaction((connection) => work(connection, now)));

  const rows: ReadRows<Statement> = (query, values) =>
    at(async (now) => (await database.run(query, { ...values, now })).rows);

  const reads = reading(dialect, rows, {
    load: () => ({ ...database.load(), bytes: null }),
    statistics: STATISTICS,
    countDays: (range) => rows(DAYS, { ...range }),
  });

  return {
    ...reads,
    records: {
      ...reads.records,
      recordAll: (recordings) => at(() => record(database, limits, recordings)),
      recordOnce: (request, recordings) =>
        within((connection, now) => recordOnce(connection, limits, request, recordings, now)),
    },
    keeping: {
      ...reads.keeping,
      keep: (answers) => at(() => keep(database, answers)),
      enter: (entries) => at(() => enter(database, overlaps, entries)),
      redraw: (draws) => within((connection) => redraw(connection, draws)),
      drop: (ids) => at(() => drop(database, ids)),
    },
    reviewing: {
      claim: (request) => at((now) => claim(database, request, now)),
      renew: (id, hold, leaseMs) => at((now) => renew(database, id, hold, leaseMs, now)),
      putBack: (id, hold, how) => at((now) => putBack(database, id, hold, how, now)),
      label: (id, lease, label) => at((now) => answer(database, id, lease, { ...label, finding: null }, now)),
      discard: (id, lease, opinion) =>
        at((now) => answer(database, id, lease, { finding: null, ...opinion, label: null }, now)),
      undo: (id, request) => within((connection, now) => undo(connection, id, request, now)),
      reassign: (id, reassignment) =>
        within((connection, now) => reassign(connection, id, reassignment, now)),
      settle: (id, settlement) => within((connection, now) => settle(connection, id, settlement, now)),
    },
    labels: {
      seal: ({ who, limit = Infinity }) =>
        sealInBatches(limit, (count) => within((connection, now) => sealLabels(connection, who, count, now))),
      exportLabels: (request) =>
        streamLabels(request, (after, count) => at(() => readLabels(database, after, count))),
    },
    trail: {
      ...reads.trail,
      recordAct: (event) => at((now) => recordAct(database, event, now)),
      recordChange: (change) => within((connection, now) => recordChange(connection, change, now)),
    },
    retention: retaining(rows, {
      oldImages: OLD_IMAGES,
      forgetImages: (ids) => at((now) => forgetImages(database, ids, now)),
      forgetRequests: (most) => at((now) => forgetRequests(database, most, now)),
    }),
    forgetting: {
      ...reads.forgetting,
      remove: (ids, reason) => within((connection, now) => remove(connection, ids, reason, now)),
      leave: (ids) => within((connection) => leave(connection, ids)),
      // Its log and its dead rows are the server's.
      erase: () => Promise.resolve(true),
    },
    alarms: {
      ...reads.alarms,
      raise: (alarm) => within((connection, now) => raise(connection, alarm, now)),
      end: (alarm) => within((connection, now) => end(connection, alarm, now)),
      saveWatch: (holder, evidence) => at((now) => saveWatch(database, holder, evidence, now)),
      takeWatch: (holder, staleMs) => at((now) => takeWatch(database, holder, staleMs, now)),
      leaveWatch: (holder) => at(() => leaveWatch(database, holder)),
    },
    closings: {
      ...reads.closings,
      close: (place, proof, known) =>
        within((connection, now) => close(connection, place, proof, known, now)),
      reopen: (reopening) => within((connection, now) => reopen(connection, reopening, now)),
    },
    close: () => (closed ??= database.close()),
  };
}
