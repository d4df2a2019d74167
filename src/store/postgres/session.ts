/** One connection as the pool has it: what it is asked before it is used, and how statements are sent. */
import pg from 'pg';
import { type Connected, ReadOnlyError } from './connector.ts';

export interface SessionLimits {
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
}

export interface Session {
  /** Runs one statement, committed when this resolves. */
  run(query: pg.QueryConfig<unknown[]>): Promise<pg.QueryResult<Record<string, unknown>>>;
  /** Runs `work` between BEGIN and COMMIT. */
  transaction<T>(work: (run: Session['run']) => Promise<T>): Promise<T>;
  /** Whether it is alive and its server still takes writes; asks the server where the last look is old. */
  isUsable(): Promise<boolean>;
  /** The next `isUsable` asks the server. */
  doubt(): void;
  end(): Promise<void>;
}

/** How long a look at the server holds: reads go on from a demoted one for no longer than this. */
const LOOK_HOLDS_MS = 1_000;

const LOOK = `SELECT current_setting('transaction_read_only') AS read_only`;

/**
 * Every query of the queue is a look-up by index. Statistics of a table that grew in a minute must not talk
 * the planner into reading all of it. Nothing waits for ever.
 */
function settings(how: 'SET' | 'SET LOCAL', limits: SessionLimits): string {
  return [
    `${how} enable_seqscan = off`,
    `${how} statement_timeout = ${limits.statementMs}`,
    `${how} lock_timeout = ${limits.lockMs}`,
    `${how} idle_in_transaction_session_timeout = ${limits.idleInTransactionMs}`,
  ].join(';');
}

/** A connection of our own: what is set once holds, and the server keeps prepared statements. */
export async function openSession({ client, pooled }: Connected, limits: SessionLimits): Promise<Session> {
  let lookedMs = performance.now();
  const isAlive = watch(client);
  const begin = pooled ? `BEGIN;${settings('SET LOCAL', limits)};${LOOK}` : 'BEGIN';
  if (!pooled) await client.query(settings('SET', limits));

  /** A pooler may give the next statement another connection, which knows none of the names. */
  const query = ({ name, ...config }: pg.QueryConfig<unknown[]>) =>
    client.query<Record<string, unknown>>(pooled || name === undefined ? config : { name, ...config });

  const beginTransaction = async (): Promise<void> => {
    const result = (await client.query(begin)) as unknown as pg.QueryResult | pg.QueryResult[];
    if (Array.isArray(result)) requireWritable(result.at(-1)!);
  };

  async function transaction<T>(work: (run: Session['run']) => Promise<T>): Promise<T> {
    await beginTransaction();
    try {
      const result = await work(query);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        client.connection.stream.destroy();
      });
      throw error;
    }
  }

  /**
   * A transaction of one statement, in one way to the server and back: the three are sent together. Where the
   * statement fails COMMIT rolls back.
   */
  async function runPooled(
    config: pg.QueryConfig<unknown[]>,
  ): Promise<pg.QueryResult<Record<string, unknown>>> {
    const [began, done, committed] = await Promise.allSettled([
      beginTransaction(),
      query(config),
      client.query('COMMIT'),
    ]);
    for (const step of [began, done, committed]) if (step.status === 'rejected') throw step.reason;
    return (done as PromiseFulfilledResult<pg.QueryResult<Record<string, unknown>>>).value;
  }

  return {
    run: pooled ? runPooled : query,
    transaction,
    isUsable: async () => {
      if (!isAlive()) return false;
      if (performance.now() - lookedMs < LOOK_HOLDS_MS) return true;
      try {
        requireWritable(await client.query(LOOK));
        lookedMs = performance.now();
        return isAlive();
      } catch {
        return false;
      }
    },
    doubt: () => {
      lookedMs = -Infinity;
    },
    end: () => client.end().catch(() => undefined),
  };
}

/** Whether the connection is still there. */
function watch(client: pg.Client): () => boolean {
  let alive = true;
  const gone = (): void => {
    alive = false;
  };
  client.on('error', gone);
  client.on('end', gone);
  return () => alive;
}

function requireWritable({ rows }: pg.QueryResult): void {
  const [row] = rows as { read_only: string }[];
  if (row?.read_only !== 'off') throw new ReadOnlyError();
}
