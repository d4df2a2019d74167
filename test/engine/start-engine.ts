import { batchRowsFor } from '../../src/engine/batch-rows.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { EngineError } from '../../src/engine/engine-error.ts';
import type { Model } from '../../src/model/load.ts';

/** Inputs that may be open in an engine of a test that says nothing else. */
export const QUEUE_LIMIT = 1000;

/** The real engine with one process of one thread. Whoever starts it closes it. */
export function startEngine(model: Model, changes: Partial<EngineOptions> = {}): Engine {
  return createEngine(model, {
    processes: 1,
    threads: 1,
    batchRows: batchRowsFor(model.dimension),
    queueLimit: QUEUE_LIMIT,
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

/** Resolves when so many inputs are open that `count` more would be too many. */
export async function untilFull(engine: Engine, count: number): Promise<void> {
  for (;;) {
    try {
      engine.admit(count);
    } catch (error) {
      if (error instanceof EngineError && error.code === 'engine_busy') return;
      throw error;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
