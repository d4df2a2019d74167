import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const fashionMnist = fileURLToPath(new URL('../../models/fashion-mnist', import.meta.url));

export interface Service {
  readonly url: string;
  readonly pid: number;
  /** The log so far. */
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves with the exit code, null where a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

const running = new Set<ChildProcess>();

/** Ends what a test has left running. */
export function endServices(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function newDataDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sensigate-data-'));
}

function start(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [main, 'serve'], {
    env: { PATH: process.env.PATH, PORT: '0', MODEL_DIR: fashionMnist, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Starts the real service and waits until it listens. */
export async function startService(environment: Record<string, string>): Promise<Service> {
  const child = start(environment);
  const lines: Record<string, unknown>[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let complaints = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const listening = new Promise<string>((resolve) => {
    createInterface(child.stdout!).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      lines.push(entry);
      if (typeof entry.url === 'string') resolve(entry.url);
    });
  });
  const url = await Promise.race([
    listening,
    ended.then((code) => {
      throw new Error(`the service ended with ${code} before it listened: ${complaints}`);
    }),
  ]);
  return { url, pid: child.pid!, lines, ended, kill: (signal) => child.kill(signal) };
}

/** Starts a service that is expected to refuse, and gives its exit code and what it said. */
export async function refusedService(
  environment: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const child = start(environment);
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout!.resume();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

/** The first samples of every class, as PNG. */
export async function samples(perClass: number): Promise<{ label: string; bytes: Buffer }[]> {
  const root = join(fashionMnist, 'samples');
  const found: { label: string; bytes: Buffer }[] = [];
  for (const label of (await readdir(root)).sort()) {
    const files = (await readdir(join(root, label))).sort().slice(0, perClass);
    for (const file of files) found.push({ label, bytes: await readFile(join(root, label, file)) });
  }
  return found;
}

export interface Served {
  readonly status: number;
  readonly body: Record<string, never> & {
    id: string;
    decision: string;
    reasons: string[];
    label: string | null;
    prediction: { label: string } | null;
    sensitivity: { value: number; probes: number; method: string } | null;
    signals: Record<string, number>;
    review: { href: string } | null;
  };
}

export async function post(service: Service, bytes: Uint8Array, query = '', key?: string): Promise<Served> {
  const response = await fetch(`${service.url}/v1/predictions${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'image/png',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: new Uint8Array(bytes),
  });
  return { status: response.status, body: (await response.json()) as Served['body'] };
}
