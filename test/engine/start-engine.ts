import { batchRowsFor } from '../../src/engine/batch-rows.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { Model } from '../../src/model/load.ts';

/** The real engine with one process of one thread. Whoever starts it closes it. */
export function startEngine(model: Model, changes: Partial<EngineOptions> = {}): Engine {
  return createEngine(model, {
    processes: 1,
    threads: 1,
    batchRows: batchRowsFor(model.dimension),
    silenceMs: 60_000,
    events: { onBatch: () => undefined, onRestart: () => undefined },
    ...changes,
  });
}

/**
 * Stops the engine's processes where they are, so that what is asked of it stays open.
 *
 * @returns What lets them go on.
 */
export async function haltEngine(engine: Engine): Promise<() => void> {
  await engine.started();
  const { pids } = engine;
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
}

/** Resolves when at least so many inputs are open. */
export async function untilOpen(engine: Engine, count: number): Promise<void> {
  while (engine.open < count) await new Promise((resolve) => setImmediate(resolve));
}
