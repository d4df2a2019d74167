import pg from 'pg';
import type { Values } from '../shared/dialect.ts';
import { queueError } from './database-error.ts';
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
  /** Runs `work` in a transaction, READ COMMITTED: each statement sees what was committed before it began. */
  transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T>;
  /** Connections of the pool, and who waits for one. */
  load(): {
    readonly connections: { readonly most: number; readonly open: number; readonly idle: number };
    readonly waiting: number;
  };
  /** Waits for the work under way, then ends all connections. */
  close(): Promise<void>;
}

/** Times and counts are bigint in the schema and far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Every query of the queue is a look-up by index. Statistics of a table that grew in a minute must not talk
 * the planner into reading all of it.
 */
function avoidScans(client: pg.PoolClient, done: (error?: Error) => void): void {
  client.query('SET enable_seqscan = off', done);
}

const ignore = (): void => undefined;

/**
 * A pool of connections to the server at `url`.
 *
 * A connection that breaks is dropped and the next one asked for is new, so that the pool recovers by itself
 * when the server does. Nothing waits for ever: not for a connection, a lock, a statement, or an answer.
 */
export function openPool(url: string, size: number, statementMs = 10_000): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    types,
    application_name: 'sensigate',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: statementMs,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 10_000,
    query_timeout: statementMs + 5_000,
    verify: avoidScans,
  });
  // An idle connection broke; the pool has dropped it. Without a listener Node would end the process.
  pool.on('error', ignore);
  // The same for one that breaks while the pool verifies it, when nobody else listens. What is asked of it
  // fails and tells.
  pool.on('connect', (client) => client.on('error', ignore));
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

  async function transaction<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let broken: Error | boolean = true;
    try {
      await client.query('BEGIN');
      const result = await work({ run: (statement, values) => run(client, statement, values) });
      await client.query('COMMIT');
      broken = false;
      return result;
    } catch (error) {
      broken = await client.query('ROLLBACK').then(
        () => false,
        () => true,
      );
      throw error;
    } finally {
      client.release(broken);
    }
  }

  return {
    run: (statement, values) => track(run(pool, statement, values)),
    transaction: (work) => track(transaction(work)),
    load: () => ({
      connections: { most: size, open: pool.totalCount, idle: pool.idleCount },
      waiting: pool.waitingCount,
    }),
    close: async () => {
      await Promise.allSettled(underWay);
      await pool.end();
    },
  };
}

async function run(
  client: pg.Pool | pg.PoolClient,
  { name, text, parameters }: Statement,
  values: Values,
): Promise<{ rows: unknown[]; changed: number }> {
  const given = parameters.map((parameter) => values[parameter] ?? null);
  const { rows, rowCount } = await client.query<Record<string, unknown>>({ name, text, values: given });
  return { rows, changed: rowCount ?? 0 };
}
