/**
 * The service's side of the engine: joins the queue of what is to be measured (work-queue.ts) and the
 * processes that measure (supervised-process.ts), so that every piece of work gets an outcome whatever
 * becomes of a process.
 */
import type { Model } from '../model/load.ts';
import type { InputTensor, Pixels } from '../model/preprocess.ts';
import { EngineError } from './engine-error.ts';
import type { Job, JobResult } from './job.ts';
import { type SupervisedProcess, superviseProcess } from './supervised-process.ts';
import type { Outcome } from './outcome.ts';
import { createWorkQueue, type Worker } from './work-queue.ts';

export interface EngineOptions {
  readonly processes: number;
  /** Threads of each process. */
  readonly threads: number;
  /** Rows of one ONNX batch at the most. */
  readonly batchRows: number;
  readonly silenceMs: number;
  readonly events: EngineEvents;
}

/** What operators want to know of the engine. */
export interface EngineEvents {
  readonly onBatch: (rows: number, milliseconds: number) => void;
  readonly onRestart: (how: string) => void;
}

export interface Engine {
  /**
   * Measures one input. Always resolves with an outcome; a measurement that could not be had is one.
   *
   * How much may be asked for at a time is for the caller to bound (prediction/admission.ts).
   *
   * @param data Pixels as `createDecode` gives them, or a tensor of the classifier's input; copied to the
   *   process.
   * @param deadlineMs From now on, waiting included; null where nobody waits for the answer: then it may wait
   *   and be measured as long as the processes work, each batch within `silenceMs`.
   * @throws EngineError `engine_unavailable`, before anything is begun
   */
  measure<J extends Job>(
    data: Pixels | InputTensor,
    job: J,
    deadlineMs: number | null,
  ): Promise<Outcome<JobResult<J>>>;
  /** Whether at least one process is ready. */
  readonly ready: boolean;
  /** Why the model can't be run, once a process has said so. */
  readonly unusable: string | null;
  /** Process ids, for operators and fault tests. */
  readonly pids: readonly number[];
  /** Why no work is taken on now; null while it is. */
  readonly unavailable: string | null;
  /** Inputs that have no outcome yet. */
  readonly open: number;
  /** Resolves when a process is ready, or it is clear that none will be. */
  started(): Promise<void>;
  close(): void;
}

/** Work handed to one process at a time: enough to fill batches, few enough to repeat when it dies. */
const WINDOW_BATCHES = 2;
/** Ends of a process without its getting ready in between, after which nobody waits for it any more. */
const FUTILE_STARTS = 3;

interface EngineWorker extends Worker {
  readonly process: SupervisedProcess;
  /** Ends since it was ready. */
  futile: number;
}

export function createEngine(model: Model, options: EngineOptions): Engine {
  const { events } = options;
  const started = Promise.withResolvers<undefined>();
  let closed = false;
  let unusable: string | null = null;
  let everReady = false;

  const queue = createWorkQueue<EngineWorker>({
    window: Math.max(16, WINDOW_BATCHES * options.batchRows),
    onDeadline: (id, worker) => {
      worker?.process.send({ type: 'cancel', ids: [id] });
      dispatch();
    },
  });

  let dispatching = false;
  /** Once a turn, so that work submitted together travels in one message. */
  const dispatch = (): void => {
    if (dispatching) return;
    dispatching = true;
    setImmediate(() => {
      dispatching = false;
      for (const { worker, works } of queue.handOut(workers.filter(({ process }) => process.ready))) {
        worker.process.send({ type: 'work', works });
      }
    });
  };

  const { folder, digest } = model;
  const { threads, batchRows } = options;
  const startWorker = (): EngineWorker => {
    const inside: Worker['inside'] = new Map();
    const process = superviseProcess({ folder, digest, threads, batchRows }, options.silenceMs, {
      hasWork: () => inside.size > 0,
      onReady: () => {
        everReady = true;
        worker.futile = 0;
        unusable = null;
        started.resolve(undefined);
        dispatch();
      },
      onUnusable: (message) => {
        unusable = message;
        started.resolve(undefined);
      },
      onBatch: ({ rows, milliseconds, answers }) => {
        if (rows > 0) events.onBatch(rows, milliseconds);
        for (const answer of answers) queue.receive(answer);
        dispatch();
      },
      onEnd: (how, failures) => {
        events.onRestart(how);
        queue.processEnded(worker);
        worker.futile++;
        if (workers.every(({ futile }) => futile >= FUTILE_STARTS)) queue.giveUp();
        if (!everReady && failures >= FUTILE_STARTS) {
          unusable ??= `the engine process ends before it is ready: ${how}`;
          started.resolve(undefined);
        }
        dispatch();
      },
    });
    const worker: EngineWorker = { process, inside, alone: false, futile: 0 };
    return worker;
  };
  const workers = Array.from({ length: options.processes }, startWorker);

  const unavailable = (): string | null => {
    if (closed) return 'the engine is shut down';
    return workers.some(({ process }) => process.ready) ? null : unusable;
  };

  return {
    measure: async <J extends Job>(data: Pixels | InputTensor, job: J, deadlineMs: number | null) => {
      const why = unavailable();
      if (why !== null) throw new EngineError('engine_unavailable', why);
      const outcome = queue.submit(data, job, deadlineMs);
      dispatch();
      return outcome;
    },
    get unavailable() {
      return unavailable();
    },
    get open() {
      return queue.size;
    },
    get ready() {
      return workers.some(({ process }) => process.ready);
    },
    get unusable() {
      return unusable;
    },
    get pids() {
      return workers.flatMap(({ process }) => (process.pid === undefined ? [] : [process.pid]));
    },
    started: () => started.promise,
    close: () => {
      if (closed) return;
      closed = true;
      for (const { process } of workers) process.close();
      queue.close();
    },
  };
}
