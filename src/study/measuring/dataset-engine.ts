import { availableParallelism } from 'node:os';
import { batchRowsFor } from '../../engine/batch-rows.ts';
import { createEngine, type Engine } from '../../engine/engine.ts';
import type { Model } from '../../model/load.ts';

/**
 * Of one batch, the only limit there is here: nobody waits for one answer, a slow model on a busy machine may
 * take minutes for a batch, and a process that hangs is seldom.
 */
const SILENCE_MS = 600_000;

/**
 * An engine on all cores for measuring a data set, started.
 *
 * @throws Error where the model cannot be run, saying why
 */
export async function openDatasetEngine(model: Model): Promise<Engine> {
  const engine = createEngine(model, {
    processes: availableParallelism(),
    threads: 1,
    batchRows: batchRowsFor(model.dimension),
    silenceMs: SILENCE_MS,
    events: { onBatch: () => undefined, onRestart: () => undefined },
  });
  await engine.started();
  if (engine.unusable === null) return engine;
  engine.close();
  throw new Error(engine.unusable);
}
