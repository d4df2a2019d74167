import type { Values } from '../shared/dialect.ts';
import { createConnector } from './connector.ts';
import { isUndone, queueError } from './database-error.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { createPool, type PoolLoad } from './pool.ts';
import { openSession, type Session } from './session.ts';
import type { Statement } from './sql.ts';

/** Runs statements, on whichever connection or inside one transaction. */
export interface Connection {
  /** @throws StoreError `database_unavailable` */
  run(
    statement: Statement,
    values: Values,
  ): Promise<{ readonly rows: readonly unknown[]; readonly changed: number }>;
}

export interface Database extends Connection {
  /**
   * Runs `work` in a transaction, READ COMMITTED: each statement sees what was committed before it began.
   * `work` runs again where the server has undone it for a deadlock, as a migration beside it can bring.
   */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Connections of the pool, and who waits for one. */
  load(): PoolLoad;
  /** Waits for the work under way, then ends all connections. */
  close(): Promise<void>;
}

const WAIT_MS = 5_000;
const IDLE_MS = 60_000;
const LOCK_MS = 5_000;
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * A pool of connections to the server at `url` that takes writes.
 *
 * A connection that breaks, or whose server was demoted, is dropped and the next one asked for is new, so
 * that the pool recovers by itself when the server does. Nothing waits for ever: not for a connection, a
 * lock, a statement, or an answer.
 *
 * @throws DatabaseUrlError
 */
export function openPool(url: string, size: number, statementMs = 10_000): Database {
  const connect = createConnector(parseDatabaseUrl(url, process.env), { queryMs: statementMs + 5_000 });
  const limits = { statementMs, lockMs: LOCK_MS, idleInTransactionMs: IDLE_IN_TRANSACTION_MS };
  const pool = createPool({
    open: async () => openSession(await connect(), limits),
    size,
    waitMs: WAIT_MS,
    idleMs: IDLE_MS,
  });
  const underWay = new Set<Promise<unknown>>();

  function track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.catch((error: unknown) => {
      throw queueError(error);
    });
    underWay.add(tracked);
    const done = () => underWay.delete(tracked);
    tracked.then(done, done);
    return tracked;
  }

  return {
    run: (statement, values) =>
      track(retried(() => pool.use((session) => run((query) => session.run(query), statement, values)))),
    transaction: (work) =>
      track(
        retried(() =>
          pool.use((session) =>
            session.transaction((query) =>
              work({ run: (statement, values) => run(query, statement, values) }),
            ),
          ),
        ),
      ),
    load: () => pool.load(),
    close: async () => {
      await Promise.allSettled(underWay);
      await pool.close();
    },
  };
}

/** What the server undoes is tried so often: each time somebody else gets through, or a connection is new. */
const ATTEMPTS = 5;

async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      if (made === ATTEMPTS || !isUndone(error)) throw error;
    }
  }
}

async function run(
  query: Session['run'],
  { name, text, parameters }: Statement,
  values: Values,
): Promise<{ rows: unknown[]; changed: number }> {
  const given = parameters.map((parameter) => values[parameter] ?? null);
  const { rows, rowCount } = await query({ ...(name === '' ? {} : { name }), text, values: given });
  return { rows, changed: rowCount ?? 0 };
}
