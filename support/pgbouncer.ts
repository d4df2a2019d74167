import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

const root = fileURLToPath(new URL('../.peers/root', import.meta.url));

export interface PgBouncer {
  readonly port: number;
  /** Ends it at once, with all connections, and starts it again. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/**
 * The real PgBouncer (`make .peers/installed`), configured as the package is but for where it listens and
 * what a test says.
 */
export async function startPgBouncer(
  serverPort: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<PgBouncer> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-pgbouncer-'));
  await chmod(folder, 0o755);
  const port = await freePort();
  const isRoot = process.getuid?.() === 0;
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    auth_type: 'plain',
    auth_file: join(folder, 'users.txt'),
    unix_socket_dir: '',
    ...settings,
  };
  const text = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  await writeFile(join(folder, 'users.txt'), '"postgres" "password"\n', { mode: 0o644 });
  await writeFile(
    join(folder, 'pgbouncer.ini'),
    ['[databases]', `* = host=127.0.0.1 port=${serverPort}`, '[pgbouncer]', ...text, ''].join('\n'),
    { mode: 0o644 },
  );
  let child: ChildProcess;
  const said: string[] = [];
  const start = async (): Promise<void> => {
    // It refuses to run as root.
    const program = [join(root, 'usr/sbin/pgbouncer'), join(folder, 'pgbouncer.ini')];
    const words = isRoot
      ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...program]
      : program;
    child = spawn(words[0]!, words.slice(1), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu') },
    });
    child.stderr?.on('data', (data) => said.push(String(data)));
    for (let tries = 0; !(await answers(port)); tries++) {
      if (tries > 100 || child.exitCode !== null)
        throw new Error(`PgBouncer did not start: ${said.join('').slice(-2000)}`);
      await sleep(50);
    }
  };
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    port,
    restart: async () => {
      await end();
      await start();
    },
    stop: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
