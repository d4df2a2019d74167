/**
 * A backup taken under load and restored elsewhere holds everything that was acknowledged before it began.
 * SQLite by `sensigate backup`; PostgreSQL by pg_dump and pg_restore, where Debian's server is there.
 *
 *     node faults/run.ts backup
 */
import { execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.ts';
import { examine, readPostgres, readSqlite, type Stored } from './checker.ts';
import { readLog, sendRequest } from './client-log.ts';
import { attempt, check, finallyDo, long, newFolder, root } from './harness.ts';
import { startLoad } from './load.ts';
import { leftOut, survived } from './report.ts';
import { gate, openScene, type Scene } from './scene.ts';
import { startService } from './service.ts';

const run = promisify(execFile);

const FILL_MS = long ? 60_000 : 8_000;

/** A service on the restored data answers for an acknowledged prediction, and takes new ones. */
async function serveRestored(environment: Record<string, string>, scene: Scene): Promise<number> {
  const service = await startService({ port: await freePort(), environment });
  const agent = new Agent();
  const acknowledged = readLog(scene.client.file).find((entry) => entry.act === 'predicted');
  check(acknowledged !== undefined, 'nothing was acknowledged');
  const found = await sendRequest(agent, `${service.url}/v1/predictions/${acknowledged.id}`);
  check(found.status === 200, `the restored service answers ${found.status} for ${acknowledged.id}`);
  const claimed = await sendRequest(agent, `${service.url}/v1/reviews/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{}'),
  });
  check(claimed.status === 200, `the restored service answers ${claimed.status} to a claim`);
  await service.stop();
  return service.readyMs;
}

function report(
  fault: string,
  scene: Scene,
  stored: Stored,
  untilMs: number,
  times: {
    readonly backupMs: number;
    readonly restoreMs: number;
    readonly readyMs: number;
    readonly bytes: number;
  },
): void {
  const found = examine(readLog(scene.client.file), stored, gate, untilMs);
  const { backupMs, restoreMs, readyMs, bytes } = times;
  survived({
    fault,
    done: `${stored.predictions.length} predictions, ${(bytes / 1e6).toFixed(1)} MB`,
    found,
    note:
      `under load; taken in ${backupMs.toFixed(0)} ms, restored in ${restoreMs.toFixed(0)} ms, ` +
      `served ${readyMs.toFixed(0)} ms later`,
  });
}

async function sqlite(): Promise<void> {
  const scene = await openScene();
  const service = await scene.start();
  const load = startLoad(scene.client, 16);
  await sleep(FILL_MS);
  const restored = await newFolder();
  const copy = join(restored, 'sensigate.db');
  const began = performance.now();
  const untilMs = Date.now();
  await run(process.execPath, [join(root, 'src/main.ts'), 'backup', '--to', copy], {
    env: { PATH: process.env.PATH, DATA_DIR: scene.data },
  });
  const backupMs = performance.now() - began;
  await sleep(500);
  await load.stop();
  await service.stop();
  const { size } = await stat(copy);
  // Before a service writes to it. Restoring is giving it the folder.
  const stored = readSqlite(copy);
  const readyMs = await serveRestored({ DATA_DIR: restored }, scene);
  report('backup and restore, SQLite', scene, stored, untilMs, {
    backupMs,
    restoreMs: 0,
    readyMs,
    bytes: size,
  });
}

/** Folder of the newest of Debian's servers; null where there is none. */
async function debianServer(): Promise<string | null> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions.map(Number).sort((a, b) => b - a)[0];
  return newest === undefined ? null : `/usr/lib/postgresql/${newest}/bin`;
}

async function postgres(): Promise<void> {
  const fault = 'backup and restore, PostgreSQL';
  const bin = await debianServer();
  if (bin === null) {
    leftOut(fault, "Debian's package postgresql is not installed");
    return;
  }
  // The server refuses to run as root.
  const asRoot = process.getuid?.() === 0;
  const idOf = async (flag: string): Promise<number> => Number((await run('id', [flag, 'postgres'])).stdout);
  const who = asRoot ? { uid: await idOf('-u'), gid: await idOf('-g') } : {};
  const folder = await newFolder();
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  await mkdir(data);
  if (who.uid !== undefined) await chown(data, who.uid, who.gid);
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-sync'],
    who,
  );
  const port = await freePort();
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', ''],
    { ...who, stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  finallyDo(async () => {
    server.kill('SIGQUIT');
    await ended;
  });
  const at = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const psql = (sql: string): Promise<unknown> => run(join(bin, 'psql'), [at('postgres'), '-c', sql]);
  for (let i = 0; ; i++) {
    const isUp = await psql('SELECT 1').then(
      () => true,
      () => false,
    );
    if (isUp) break;
    check(i < 300, 'PostgreSQL does not start');
    await sleep(100);
  }
  await psql('CREATE DATABASE sensigate');

  const scene = await openScene(at('sensigate'));
  const service = await scene.start();
  const load = startLoad(scene.client, 12);
  await sleep(FILL_MS);
  const dump = join(folder, 'sensigate.dump');
  const began = performance.now();
  const untilMs = Date.now();
  await run(join(bin, 'pg_dump'), ['--format=custom', `--file=${dump}`, at('sensigate')]);
  const backupMs = performance.now() - began;
  await sleep(500);
  await load.stop();
  await service.stop();
  const restoring = performance.now();
  await psql('CREATE DATABASE restored');
  await run(join(bin, 'pg_restore'), ['--exit-on-error', `--dbname=${at('restored')}`, dump]);
  const restoreMs = performance.now() - restoring;
  const { size } = await stat(dump);
  const stored = await readPostgres(at('restored'));
  const readyMs = await serveRestored({ DATABASE_URL: at('restored'), DATA_DIR: folder }, scene);
  report(fault, scene, stored, untilMs, { backupMs, restoreMs, readyMs, bytes: size });
}

await attempt(async () => {
  await sqlite();
  await postgres();
});
