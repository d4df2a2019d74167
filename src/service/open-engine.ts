import { batchRowsFor } from '../engine/batch-rows.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { Model } from '../model/load.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Releases } from './releases.ts';
import type { Settings } from './settings.ts';
import type { Stop } from './stop.ts';

/** An engine that says nothing for so long while it has work hangs; no batch takes this long. */
const ENGINE_SILENCE_MS = 15_000;

export interface OpenEngineDeps {
  readonly settings: Settings;
  readonly model: Model;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly stop: Stop;
  readonly releases: Releases;
}

/**
 * Starts the inference processes, and waits until they run the model.
 *
 * @throws Error where the model cannot be run
 * @throws Stopped
 */
export async function openEngine(deps: OpenEngineDeps): Promise<Engine> {
  const { settings, model, metrics, log, stop, releases } = deps;
  const engine = createEngine(model, {
    processes: settings.ENGINE_PROCESSES,
    threads: settings.ENGINE_THREADS,
    batchRows: batchRowsFor(model.dimension),
    silenceMs: ENGINE_SILENCE_MS,
    events: {
      onBatch: (rows) => {
        metrics.observeBatch(rows);
      },
      onRestart: (how) => {
        metrics.countEngineRestart();
        log.warn({ how }, 'engine process ended; starting another');
      },
    },
  });
  releases.push(() => {
    engine.close();
  });
  await stop.unlessAsked(engine.started());
  if (engine.unusable !== null) throw new Error(engine.unusable);
  return engine;
}
