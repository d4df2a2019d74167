import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { check, root } from './harness.ts';

const STARTS_WITHIN_MS = 60_000;

export interface BenchService {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts `program` (default: the service itself) with its own data folder, and waits until it is ready. */
export async function startService(
  environment: Readonly<Record<string, string>>,
  program: readonly string[] = ['src/main.ts', 'serve'],
): Promise<BenchService> {
  const data = await mkdtemp(join(tmpdir(), 'sensigate-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, program, {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: String(port), DATA_DIR: data, QUEUE_LIMIT: '4096', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // A benchmark that fails its checks must leave no service behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', kill);
      resolve();
    });
  });
  const until = Date.now() + STARTS_WITHIN_MS;
  while (!(await isReady(url))) {
    check(child.exitCode === null, 'the service ended before it was ready');
    check(Date.now() < until, `the service is not ready after ${STARTS_WITHIN_MS} ms`);
    await sleep(50);
  }
  return {
    url,
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Resident memory of a process, from /proc. */
export async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
}

/** Process ids of the children of a process, from /proc. */
export async function childrenOf(pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8');
    for (const one of text.split(' ').filter(Boolean).map(Number)) children.push(one);
  }
  return children;
}

/**
 * Processor time of a process so far, seconds, from /proc: of its first thread, which runs JavaScript, and of
 * its others.
 */
export async function processorSeconds(pid: number): Promise<{ first: number; others: number }> {
  const seconds = { first: 0, others: 0 };
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${task}/stat`, 'utf8');
    // User and system time in hundredths, counted from behind the name, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const used = (Number(fields[11]) + Number(fields[12])) / 100;
    if (Number(task) === pid) seconds.first += used;
    else seconds.others += used;
  }
  return seconds;
}
