import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './harness.ts';

export interface BenchService {
  readonly url: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** Starts `program` (default: the service itself) with its own data folder, and waits until it says where it listens. */
export async function startService(
  environment: Readonly<Record<string, string>>,
  program: readonly string[] = ['src/main.ts', 'serve'],
): Promise<BenchService> {
  const data = await mkdtemp(join(tmpdir(), 'sensigate-bench-'));
  const child = spawn(process.execPath, program, {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: data, QUEUE_LIMIT: '4096', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const { url: listening } = JSON.parse(line) as { url?: string };
      if (listening !== undefined) resolve(listening);
    });
    void ended.then(() => {
      reject(new Error('the service ended before it listened'));
    });
  });
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
    children.push(...text.split(' ').filter(Boolean).map(Number));
  }
  return children;
}
