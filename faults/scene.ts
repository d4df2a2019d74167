import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import type { ExpectedGates, Findings, Stored } from './checker.ts';
import { examine, readExpectedGate, readPostgres, readSqlite } from './checker.ts';
import { type LoggingClient, openClient, readLog } from './client-log.ts';
import { finallyDo, newFolder, root } from './harness.ts';
import { uniqueImages } from './images.ts';
import { type RunningService, type ServiceOptions, startService } from './service.ts';

export const gate = readExpectedGate(join(root, 'models/fashion-mnist/gate.json'));

/** A service's place over all its lives: one port, one database, one client with one log. */
export interface Scene {
  readonly client: LoggingClient;
  readonly data: string;
  start(changes?: Partial<ServiceOptions>): Promise<RunningService>;
  /** What the database holds. */
  stored(): Promise<Stored>;
  /** Holds the client's log against the database. */
  examine(imagesKept?: boolean): Promise<Findings>;
}

export interface SceneOptions {
  readonly data?: string;
  readonly checkedUrl?: string;
  readonly timeoutMs?: number;
  /** Of every request of the client. */
  readonly headers?: Readonly<Record<string, string>>;
  /** By which automatic labels may have been decided; the shipped one where absent. */
  readonly gates?: ExpectedGates;
}

/**
 * @param databaseUrl What the service is given; null for SQLite in a folder of its own.
 * @param checkedUrl Where the checker reads, if not there: past a proxy.
 */
export async function openScene(
  databaseUrl: string | null = null,
  options: SceneOptions = {},
): Promise<Scene> {
  const folder = await newFolder();
  const data = options.data ?? join(folder, 'data');
  const port = await freePort();
  const log = join(folder, 'client.jsonl');
  const url = `http://127.0.0.1:${port}`;
  const { timeoutMs, headers } = options;
  const client = openClient(log, () => url, await uniqueImages(), timeoutMs, headers);
  finallyDo(() => {
    client.close();
  });
  const stored = (): Promise<Stored> =>
    databaseUrl === null
      ? Promise.resolve(readSqlite(join(data, 'sensigate.db')))
      : readPostgres(options.checkedUrl ?? databaseUrl);
  return {
    client,
    data,
    stored,
    start: ({ environment = {}, ...changes } = {}) =>
      startService({
        port,
        environment: {
          DATA_DIR: data,
          // The checker holds the bytes that are stored against those that were sent.
          KEEP_METADATA: 'true',
          // One caller sends more than people could look at.
          MAX_OPEN_ITEMS: '0',
          ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
          ...environment,
        },
        ...changes,
      }),
    examine: async (imagesKept = true) =>
      examine(readLog(log), await stored(), options.gates ?? gate, Infinity, imagesKept),
  };
}
