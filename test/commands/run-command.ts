import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** The executable that documents call. */
export const sensigate = fileURLToPath(new URL('../../sensigate', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** Beside PATH, which it always has. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What is run instead of src/main.ts. */
  readonly program?: readonly string[];
}

/** Runs a command of the service's until it ends. */
export function runCommand(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { environment = {}, cwd = root, program = [process.execPath, main] } = options;
  const [command, ...before] = program;
  const child = spawn(command!, [...before, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) =>
    child.once('close', (code) => {
      resolve({ code, out, err });
    }),
  );
}

/** The names of all files under a folder, tracked by git or not. */
export function filesUnder(folder: string): string[] {
  const { stdout } = spawnSync('find', ['.', '-not', '-path', './node_modules/*'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout.trim().split('\n').sort();
}
