/**
 * Two PostgreSQL servers under the real Patroni, with etcd between: Debian's packages, as
 * `make .peers/installed` unpacks them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, glob, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

const root = fileURLToPath(new URL('../.peers/root', import.meta.url));
const PYTHON = '/usr/bin/python3';
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** As Patroni takes them at least: how long the leader's lock outlives it, and how often it looks. */
const TTL_SECONDS = 20;
const LOOP_SECONDS = 1;
const STARTS_WITHIN_MS = 90_000;

/** Why there can be no such cluster on this machine; null where there can. */
export async function whyNoPatroni(): Promise<string | null> {
  for (const [what, path] of [
    ['Patroni', join(root, 'usr/bin/patroni')],
    ['etcd', join(root, 'usr/bin/etcd')],
    ['Debian’s Python', PYTHON],
  ] as const)
    if (!existsSync(path)) return `${what} is not there (${path}): apt-get has no package of it`;
  return (await serverPrograms()) === null ? 'apt-get has no package of a PostgreSQL server' : null;
}

/** The folder of PostgreSQL's programs, unpacked or installed. */
async function serverPrograms(): Promise<string | null> {
  for (const folder of [root, '/'])
    for await (const path of glob('usr/lib/postgresql/*/bin/postgres', { cwd: folder }))
      return join(folder, path, '..');
  return null;
}

interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
}

export interface PatroniCluster {
  readonly ports: readonly [number, number];
  /** Which of them leads, once the other follows it and nothing can be lost by losing the leader. */
  readonly leader: () => Promise<0 | 1>;
  /** As an operator asks for it: the leader steps down, and the other one takes over. */
  readonly switchOver: () => Promise<void>;
  /**
   * Ends the leader as if its machine were gone: Patroni, PostgreSQL and all of its processes. Then waits for
   * the other one to take over.
   */
  readonly failOver: () => Promise<void>;
  /** Starts what was killed again, and waits until it follows. */
  readonly revive: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Node {
  readonly name: string;
  readonly port: number;
  readonly restPort: number;
  readonly folder: string;
  process: ChildProcess | null;
}

/** Replication is synchronous, so that a leader that is killed takes nothing acknowledged with it. */
export async function startPatroni(): Promise<PatroniCluster> {
  const programs = await serverPrograms();
  if (programs === null) throw new Error('no PostgreSQL server is unpacked: make .peers/installed');
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-patroni-'));
  await chmod(folder, 0o755);
  const said: string[] = [];
  const listen = (child: ChildProcess): void => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (data) => {
        said.push(String(data));
        if (said.length > 200) said.shift();
      });
  };
  const fail = (what: string): never => {
    throw new Error(`${what}: ${said.join('').slice(-3000)}`);
  };

  const run = (program: string, words: readonly string[], environment: Record<string, string>) => {
    // PostgreSQL refuses to run as root.
    const dropped = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
    const [command, ...rest] = [...dropped, program, ...words];
    const child = spawn(command!, rest, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${programs}:${process.env.PATH}`, LANG: 'C.UTF-8', ...environment },
    });
    listen(child);
    return child;
  };
  const own = async (path: string): Promise<string> => {
    await mkdir(path, { mode: 0o700 });
    if (isRoot) await chown(path, NOBODY, NOBODY);
    return path;
  };

  const [etcdPort, etcdPeerPort] = [await freePort(), await freePort()];
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const etcdPeerUrl = `http://127.0.0.1:${etcdPeerPort}`;
  const etcd = run(
    join(root, 'usr/bin/etcd'),
    [
      ...['--name', 'etcd', '--data-dir', await own(join(folder, 'etcd')), '--unsafe-no-fsync'],
      ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...['--listen-peer-urls', etcdPeerUrl, '--initial-advertise-peer-urls', etcdPeerUrl],
      ...['--initial-cluster', `etcd=${etcdPeerUrl}`],
    ],
    {},
  );

  const newNode = async (name: string): Promise<Node> => ({
    name,
    port: await freePort(),
    restPort: await freePort(),
    folder: await own(join(folder, name)),
    process: null,
  });
  // Not "first" or "any", which are words of synchronous_standby_names.
  const nodes = [await newNode('one'), await newNode('two')] as const;

  for (const { name, port, restPort, folder: at } of nodes) {
    const rest = `127.0.0.1:${restPort}`;
    const address = `127.0.0.1:${port}`;
    const configuration = {
      scope: 'queue',
      name,
      restapi: { listen: rest, connect_address: rest },
      etcd3: { host: `127.0.0.1:${etcdPort}` },
      watchdog: { mode: 'off' },
      bootstrap: {
        dcs: {
          ttl: TTL_SECONDS,
          loop_wait: LOOP_SECONDS,
          retry_timeout: 3,
          synchronous_mode: true,
          postgresql: { use_pg_rewind: true, parameters: { max_connections: 100 } },
        },
        initdb: ['data-checksums', { encoding: 'UTF8' }, { locale: 'C.UTF-8' }],
      },
      postgresql: {
        listen: address,
        connect_address: address,
        data_dir: join(at, 'data'),
        bin_dir: programs,
        pgpass: join(at, 'pgpass'),
        authentication: {
          superuser: { username: 'postgres', password: 'password' },
          replication: { username: 'replicator', password: 'password' },
        },
        pg_hba: [
          'host replication replicator 127.0.0.1/32 scram-sha-256',
          'host all all 127.0.0.1/32 scram-sha-256',
        ],
        // A process that is killed loses nothing without waiting for the disk.
        parameters: { unix_socket_directories: at, fsync: 'off' },
      },
    };
    // YAML takes JSON.
    await writeFile(join(at, 'patroni.yml'), JSON.stringify(configuration), { mode: 0o644 });
  }

  const start = (node: Node): void => {
    node.process = run(PYTHON, ['-m', 'patroni', join(node.folder, 'patroni.yml')], {
      PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
      LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu'),
    });
  };

  /** What the cluster knows of itself, from whoever answers. */
  const members = async (): Promise<readonly Member[]> => {
    for (const { restPort } of nodes) {
      const answer = await fetch(`http://127.0.0.1:${restPort}/cluster`).catch(() => null);
      if (answer?.ok === true) return ((await answer.json()) as { members: Member[] }).members;
    }
    return [];
  };
  const nodeOf = (member: Member): 0 | 1 => (member.name === nodes[0].name ? 0 : 1);
  const leading = (all: readonly Member[]): Member | undefined =>
    all.find(({ role, state }) => role === 'leader' && state === 'running');
  const until = async <T>(find: () => Promise<T | null>, what: string): Promise<T> => {
    const began = performance.now();
    for (;;) {
      const found = await find();
      if (found !== null) return found;
      if (performance.now() - began > STARTS_WITHIN_MS)
        fail(`${what} after ${STARTS_WITHIN_MS} ms; the cluster is ${JSON.stringify(await members())}`);
      await sleep(200);
    }
  };
  const leader = (): Promise<0 | 1> =>
    until(async () => {
      const all = await members();
      const first = leading(all);
      const isSafe = all.some(({ role, state }) => role === 'sync_standby' && state === 'running');
      return first !== undefined && isSafe ? nodeOf(first) : null;
    }, 'there is no leader with a standby that follows it');

  const killNode = async (node: Node): Promise<void> => {
    const gone = node.process === null ? null : once(node.process, 'exit');
    node.process?.kill('SIGKILL');
    await gone;
    node.process = null;
    const pids = await processesOf(join(node.folder, 'data'));
    for (const pid of pids) endNow(pid);
  };
  const killAll = (): void => {
    for (const { process: child } of nodes) child?.kill('SIGKILL');
    etcd.kill('SIGKILL');
  };
  process.once('exit', killAll);
  const stop = async (): Promise<void> => {
    process.off('exit', killAll);
    for (const node of nodes) await killNode(node);
    etcd.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    start(nodes[0]);
    await until(async () => leading(await members()) ?? null, 'there is no leader');
    start(nodes[1]);
    await leader();
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    ports: [nodes[0].port, nodes[1].port],
    leader,
    switchOver: async () => {
      const from = await leader();
      const answer = await fetch(`http://127.0.0.1:${nodes[from].restPort}/switchover`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ leader: nodes[from].name, candidate: nodes[1 - from]!.name }),
      });
      if (!answer.ok) fail(`Patroni refuses the switchover: ${answer.status} ${await answer.text()}`);
      await until(async () => ((await leader()) === from ? null : true), 'nothing was switched over');
    },
    failOver: async () => {
      const from = await leader();
      await killNode(nodes[from]);
      await until(async () => {
        const now = leading(await members());
        return now === undefined || nodeOf(now) === from ? null : true;
      }, 'nobody took over');
    },
    revive: async () => {
      for (const node of nodes) if (node.process === null) start(node);
      await leader();
    },
    stop,
  };
}

/** Process ids of a PostgreSQL server, the first one its parent. */
async function processesOf(data: string): Promise<number[]> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => null);
  const postmaster = Number(text?.split('\n')[0]);
  if (!Number.isInteger(postmaster) || postmaster <= 1) return [];
  const pids = [postmaster];
  for (const task of await readdir(`/proc/${postmaster}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${postmaster}/task/${task}/children`, 'utf8').catch(() => '');
    for (const child of children.split(' ').filter(Boolean)) pids.push(Number(child));
  }
  return pids;
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
