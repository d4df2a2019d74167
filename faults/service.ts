import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendRequest } from './client-log.ts';
import { check, finallyDo, root } from './harness.ts';

const STARTS_WITHIN_MS = 180_000;

export interface RunningService {
  readonly url: string;
  readonly pid: number;
  /** Lines of its log at level error and above. */
  readonly errors: readonly string[];
  /** Milliseconds from its start until it was ready. */
  readonly readyMs: number;
  readonly ended: Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Flags of node itself. */
  readonly flags?: readonly string[];
  /** A command that runs the rest of its arguments, such as a shell that sets a limit first. */
  readonly under?: readonly string[];
}

/**
 * Starts the service as `make run` does, and waits until it is ready. It is killed at the end at the latest.
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { port, environment, flags = [], under = [] } = options;
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const [command, ...args] = [...under, process.execPath, ...flags, 'src/main.ts', 'serve'];
  const child = spawn(command, args, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      ORT_DISABLE_TELEMETRY: '1',
      PORT: String(port),
      LOG_LEVEL: 'warn',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const errors: string[] = [];
  const listen = (line: string): void => {
    said.push(line);
    if (said.length > 50) said.shift();
    if (/"level":"?(error|fatal|50|60)/.test(line)) errors.push(line);
  };
  createInterface(child.stdout).on('line', listen);
  createInterface(child.stderr).on('line', listen);
  let asked = false;
  const kill = (signal: NodeJS.Signals): void => {
    asked = true;
    child.kill(signal);
  };
  const killAtExit = (): void => {
    kill('SIGKILL');
  };
  process.once('exit', killAtExit);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      process.off('exit', killAtExit);
      // Nobody asked for this end; without its last words the run would only say that nothing answers.
      if (!asked)
        console.error(`the service ended by itself, ${signal ?? `exit code ${code}`}:\n${said.join('\n')}`);
      resolve();
    });
  });
  finallyDo(async () => {
    kill('SIGKILL');
    await ended;
  });
  const agent = new Agent();
  while (!(await isReady(agent, url))) {
    check(
      child.exitCode === null && child.signalCode === null,
      `the service ended before it was ready: ${said.join('\n')}`,
    );
    check(
      performance.now() - began < STARTS_WITHIN_MS,
      `the service is not ready after ${STARTS_WITHIN_MS} ms: ${said.join('\n')}`,
    );
    await sleep(10);
  }
  const readyMs = performance.now() - began;
  return {
    url,
    pid: child.pid!,
    errors,
    readyMs,
    ended,
    kill,
    stop: async () => {
      kill('SIGTERM');
      await ended;
    },
  };
}

export async function isReady(agent: Agent, url: string): Promise<boolean> {
  try {
    return (await sendRequest(agent, `${url}/readyz`, { timeoutMs: 2000 })).status === 200;
  } catch {
    return false;
  }
}

/** Process ids of a service's engine. */
export async function childrenOf(pid: number): Promise<number[]> {
  return childrenThatRun('engine-program', pid);
}

/** Process ids of a service's decoders; there are none before one is needed. */
export async function decodersOf(pid: number): Promise<number[]> {
  return childrenThatRun('decoder-program', pid);
}

async function childrenThatRun(program: string, pid: number): Promise<number[]> {
  const children: number[] = [];
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const text = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '');
    for (const one of text.split(' ').filter(Boolean).map(Number)) {
      const command = await readFile(`/proc/${one}/cmdline`, 'utf8').catch(() => '');
      if (command.includes(program)) children.push(one);
    }
  }
  return children;
}

/** Sends a signal to a process that may have ended just now; whether it was there. */
export function signalTo(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat !== null && !/\) Z /.test(stat);
}

/** What a service and its engine processes hold. */
export interface Held {
  readonly serviceMb: number;
  /** All engine processes together. */
  readonly engineMb: number;
  /** All decoder processes together. */
  readonly decoderMb: number;
  /** Open descriptors of the service. */
  readonly descriptors: number;
  readonly engineDescriptors: number;
}

export async function heldBy(pid: number): Promise<Held> {
  const [engine, decoders] = await Promise.all([childrenOf(pid), decodersOf(pid)]);
  const sum = async (
    of: (pid: number) => Promise<number>,
    pids: readonly number[] = engine,
  ): Promise<number> => (await Promise.all(pids.map(of))).reduce((a, b) => a + b, 0);
  return {
    serviceMb: await residentMb(pid),
    engineMb: await sum(residentMb),
    decoderMb: await sum(residentMb, decoders),
    descriptors: await descriptorsOf(pid),
    engineDescriptors: await sum(descriptorsOf),
  };
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

async function descriptorsOf(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => [])).length;
}
