import { join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { type Findings, examine, readExpectedGate, readPostgres, readSqlite } from './checker.ts';
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
  /** Holds the client's log against the database. */
  examine(): Promise<Findings>;
}

/**
 * @param databaseUrl What the service is given; null for SQLite in a folder of its own.
 * @param checkedUrl Where the checker reads, if not there: past a proxy.
 */
export async function openScene(
  databaseUrl: string | null = null,
  options: { readonly data?: string; readonly checkedUrl?: string; readonly timeoutMs?: number } = {},
): Promise<Scene> {
  const folder = await newFolder();
  const data = options.data ?? join(folder, 'data');
  const port = await freePort();
  const log = join(folder, 'client.jsonl');
  const client = openClient(log, () => `http://127.0.0.1:${port}`, await uniqueImages(), options.timeoutMs);
  finallyDo(() => {
    client.close();
  });
  return {
    client,
    data,
    start: ({ environment = {}, ...changes } = {}) =>
      startService({
        port,
        environment: {
          DATA_DIR: data,
          ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
          ...environment,
        },
        ...changes,
      }),
    examine: async () => {
      const stored =
        databaseUrl === null
          ? readSqlite(join(data, 'sensigate.db'))
          : await readPostgres(options.checkedUrl ?? databaseUrl);
      return examine(readLog(log), stored, gate);
    },
  };
}
