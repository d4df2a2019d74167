import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createUniform } from '../src/numerics/random.ts';

/**
 * `--long`: as many cycles and as much time as the suite is meant to have; else the short form, which CI
 * runs.
 */
export const long = process.argv.includes('--long');

export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Same seed, same moments, mutations and values; the machine's own timing differs. `--seed=<number>` repeats
 * a run.
 */
export const seed = Number(
  process.argv.find((argument) => argument.startsWith('--seed='))?.slice('--seed='.length) ??
    Math.floor(Math.random() * 2 ** 31),
);

/** Uniform in [0, 1), from the seed. */
export const uniform = createUniform(Uint32Array.of(seed >>> 0, 0x9e3779b9, 0x243f6a88, 1));

export function between(least: number, most: number): number {
  return least + (most - least) * uniform();
}

export function pick<T>(values: readonly T[]): T {
  return values[Math.floor(uniform() * values.length)]!;
}

/** Fails the fault: what was to be survived was not. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const releases: (() => Promise<void> | void)[] = [];

/** Runs at the end of `attempt`, last first, whatever became of it. */
export function finallyDo(release: () => Promise<void> | void): void {
  releases.push(release);
}

/** Runs one fault and sets the exit code. Interrupted, it still ends what it has started. */
export async function attempt(fault: () => Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    await fault();
  } catch (error) {
    console.log(`NOT SURVIVED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
  for (const release of releases.reverse()) await release();
  // What a failed fault has left under way, its load for one, would go on.
  process.exit();
}

/** A folder that is gone after the run. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-faults-'));
  finallyDo(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The value that a share `q` of `values` does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}
