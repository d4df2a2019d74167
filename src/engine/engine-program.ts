/**
 * What an engine process runs: the only place where the service runs ONNX. It is started by `createEngine`
 * and can be killed at any moment. `session.run` blocks its thread, so messages are read between batches.
 */
import { getPriority, setPriority } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { loadModel } from '../model/load.ts';
import { openGradients } from '../model/gradients.ts';
import { createIntensities, createPreprocess } from '../model/preprocess.ts';
import { openSession } from '../model/session.ts';
import type { Measurement } from '../numerics/jacobian/measurement.ts';
import type { SensitivityMap } from '../numerics/jacobian/sensitivity-map.ts';
import { gradientRowsFor } from './batch-rows.ts';
import { beginJob, isBulk } from './job.ts';
import type { EngineProcessOptions, FromEngine, SentMeasurement, ToEngine, WorkAnswer } from './messages.ts';
import { createScheduler, type Task } from './scheduler.ts';

type Result = Measurement | SensitivityMap;

/** Below the service's process, so that requests are taken and probes answered while every core computes. */
const NICENESS = 5;

const send = (message: FromEngine): void => {
  process.send?.(message);
};

async function main(options: EngineProcessOptions): Promise<void> {
  const model = await loadModel(options.folder);
  if (model.digest !== options.digest) {
    throw new Error(
      `${options.folder} has changed: expected digest ${options.digest}, got ${model.digest}. Restart ` +
        `the service to serve it.`,
    );
  }
  const session = await openSession(model, { threads: options.threads });
  const gradients = await openGradients(model, {
    threads: options.threads,
    rows: gradientRowsFor(options.batchRows),
    ceilings: 'ignored',
  });
  const preprocess = createPreprocess(model.manifest);
  const intensities = createIntensities(model.manifest);
  let answers: WorkAnswer[] = [];
  let rowsDone = 0;
  let millisecondsDone = 0;
  const scheduler = createScheduler<Result>({
    classify: session.classify,
    pullBack: gradients.pullBack,
    dimension: model.dimension,
    classes: model.classes,
    batchRows: options.batchRows,
    now: () => performance.now(),
    onBatch: (rows, milliseconds) => {
      rowsDone = rows;
      millisecondsDone = milliseconds;
    },
  });
  const tasks = new Map<number, Task<Result>>();
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (scheduler.size > 0) {
      await scheduler.cycle();
      send({ type: 'batch', rows: rowsDone, milliseconds: millisecondsDone, answers });
      answers = [];
      await nextTurn();
    }
    running = false;
  };

  process.on('message', (message: ToEngine) => {
    if (message.type === 'cancel') {
      for (const id of message.ids) {
        const task = tasks.get(id);
        if (task) scheduler.remove(task);
        tasks.delete(id);
      }
      // Every message is answered, so that silence means a hang.
      send({ type: 'batch', rows: 0, milliseconds: 0, answers: [] });
      return;
    }
    for (const { id, data, job } of message.works) {
      const task: Task<Result> = {
        measuring: beginJob(job, preprocess(data), model.shape, gradients.pullBack !== null, () =>
          intensities(data),
        ),
        bulk: isBulk(job),
        onEnd: (outcome) => {
          tasks.delete(id);
          const { queueMs, computeMs } = outcome;
          answers.push(
            'result' in outcome
              ? { id, result: sentOf(outcome.result), failure: null, queueMs, computeMs }
              : { id, result: null, failure: outcome.failure, queueMs, computeMs },
          );
        },
      };
      tasks.set(id, task);
      scheduler.add(task);
    }
    void run();
  });
  send({ type: 'ready' });
}

function sentOf(result: Result): SentMeasurement | SensitivityMap {
  if (!('probabilities' in result)) return result;
  const sent: SentMeasurement & { probabilities?: Float64Array } = { ...result };
  delete sent.probabilities;
  return sent;
}

// Without its service it has nothing to do, and nobody to say goodbye to.
process.on('disconnect', () => {
  process.kill(process.pid, 'SIGKILL');
});
// Ctrl-C reaches the whole group; the service decides when its engine ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

setPriority(Math.min(19, getPriority() + NICENESS));
const options = JSON.parse(process.argv[2] ?? 'null') as EngineProcessOptions;
main(options).catch((error: unknown) => {
  send({ type: 'unusable', message: error instanceof Error ? error.message : String(error) });
});
