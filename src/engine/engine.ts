/**
 * The service's side of the engine: hands work to engine processes, and gives every piece of work an outcome.
 *
 *   submitted ──► waiting ──► inside a process ──► answered
 *                                │ process ends
 *                                ▼
 *                    suspect (waits to run alone) ──► answered
 *                                │ process ends again
 *                                ▼
 *                             'engine_died'
 *
 * An input that was inside a process when it died may be what killed it. It is measured once more, alone in its process,
 * so that a deadly input takes no other one with it. At any point the deadline turns it into 'deadline'. A process that
 * says nothing for `silenceMs` while it has work is killed, which leads here too.
 */
import type { Model } from '../model/load.ts';
import { EngineError } from './engine-error.ts';
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
import type { Job, JobResult } from './job.ts';
import type { FromEngine, Work, WorkAnswer } from './messages.ts';

export interface EngineOptions {
  readonly processes: number;
  /** Threads of each process. */
  readonly threads: number;
  /** Rows of one ONNX batch at the most. */
  readonly batchRows: number;
  /** Pieces of work that may be open at once; more are refused with `engine_busy`. */
  readonly queueLimit: number;
  readonly silenceMs: number;
  readonly events: EngineEvents;
}

/** What operators want to know of the engine. */
export interface EngineEvents {
  readonly onBatch: (rows: number, milliseconds: number) => void;
  readonly onRestart: (how: string) => void;
}

export type Outcome<T> = {
  /** Milliseconds between submission and the first batch it took part in. */
  readonly queueMs: number;
  /** Milliseconds from there to the answer. */
  readonly computeMs: number;
} & (
  | { readonly result: T; readonly failure: null }
  | { readonly result: null; readonly failure: 'not_measurable' | 'engine_died' | 'deadline' }
);

export interface Engine {
  /**
   * Measures one input. Always resolves with an outcome; a measurement that could not be had is one.
   *
   * @param pixels Decoded by `createDecode`; copied to the process.
   * @throws EngineError `engine_busy` or `engine_unavailable`, before anything is begun
   */
  measure<J extends Job>(pixels: Uint8Array, job: J, deadlineMs: number): Promise<Outcome<JobResult<J>>>;
  /** Whether at least one process is ready. */
  readonly ready: boolean;
  /** Why the model can't be run, once a process has said so. */
  readonly unusable: string | null;
  /** Process ids, for operators and fault tests. */
  readonly pids: readonly number[];
  /**
   * Throws unless `count` more inputs may be open; they then are admitted if measured in this same turn.
   *
   * @throws EngineError `engine_busy`, or `request_exceeds_queue` where they never will be
   */
  admit(count: number): void;
  /** Resolves when a process is ready, or it is clear that none will be. */
  started(): Promise<void>;
  close(): void;
}

interface Piece {
  readonly id: number;
  readonly pixels: Uint8Array;
  readonly job: Job;
  readonly submitted: number;
  readonly timer: NodeJS.Timeout;
  readonly settle: (outcome: Outcome<unknown>) => void;
  slot: Slot | null;
  sent: number;
  deaths: number;
}

interface Slot {
  process: EngineProcess | null;
  ready: boolean;
  inside: Map<number, Piece>;
  /** Runs a suspect alone: takes nothing else until it is answered. */
  alone: boolean;
  /** Since when a message is owed; null when nothing was handed over since the last one. */
  silentSince: number | null;
  failures: number;
  restart: NodeJS.Timeout | null;
}

/** Work handed to one process at a time: enough to fill batches, few enough to repeat when it dies. */
const WINDOW_BATCHES = 2;
/** Starts without a process ever getting ready, after which nobody waits for one any more. */
const FUTILE_STARTS = 3;
const RESTART_MS = 100;
const LONGEST_RESTART_MS = 5000;

export function createEngine(model: Model, options: EngineOptions): Engine {
  const { events } = options;
  const open = new Map<number, Piece>();
  const waiting: Piece[] = [];
  const suspects: Piece[] = [];
  let nextId = 1;
  let closed = false;
  let unusable: string | null = null;
  let everReady = false;
  const started = Promise.withResolvers<undefined>();
  const window = Math.max(16, WINDOW_BATCHES * options.batchRows);
  const slots: Slot[] = Array.from({ length: options.processes }, () => ({
    process: null,
    ready: false,
    inside: new Map(),
    alone: false,
    silentSince: null,
    failures: 0,
    restart: null,
  }));

  const settle = (piece: Piece, outcome: Outcome<unknown>): void => {
    if (!open.delete(piece.id)) return;
    clearTimeout(piece.timer);
    if (piece.slot) {
      piece.slot.inside.delete(piece.id);
      if (piece.slot.inside.size === 0) piece.slot.alone = false;
    }
    piece.settle(outcome);
  };

  const fail = (piece: Piece, failure: 'engine_died' | 'deadline'): void => {
    const now = performance.now();
    const handed = piece.slot === null ? now : piece.sent;
    settle(piece, { result: null, failure, queueMs: handed - piece.submitted, computeMs: now - handed });
  };

  const takeOpen = (queue: Piece[], most: number): Piece[] => {
    const taken: Piece[] = [];
    while (queue.length > 0 && taken.length < most) {
      const piece = queue.shift()!;
      if (open.has(piece.id)) taken.push(piece);
    }
    return taken;
  };

  /** Drops what was settled while it waited, so that a queue holds no more than what is open. */
  const forgetSettled = (queue: Piece[]): void => {
    if (queue.some(({ id }) => !open.has(id)))
      queue.splice(0, queue.length, ...queue.filter(({ id }) => open.has(id)));
  };

  const hand = (slot: Slot, pieces: readonly Piece[]): void => {
    if (pieces.length === 0) return;
    const now = performance.now();
    slot.silentSince ??= now;
    for (const piece of pieces) {
      piece.slot = slot;
      piece.sent = now;
      slot.inside.set(piece.id, piece);
    }
    const works: Work[] = pieces.map(({ id, pixels, job }) => ({ id, pixels, job }));
    slot.process?.send({ type: 'work', works });
  };

  let dispatching = false;
  /** Once a turn, so that work submitted together travels in one message. */
  const dispatch = (): void => {
    if (dispatching) return;
    dispatching = true;
    setImmediate(() => {
      dispatching = false;
      const ready = slots.filter((slot) => slot.ready);
      forgetSettled(suspects);
      if (waiting.length > 2 * open.size) forgetSettled(waiting);
      const share = Math.ceil(waiting.length / ready.length);
      for (const slot of ready) {
        if (slot.alone) continue;
        if (suspects.length > 0 && slot === ready[0]) {
          if (slot.inside.size === 0) {
            const [suspect] = takeOpen(suspects, 1);
            if (suspect) {
              slot.alone = true;
              hand(slot, [suspect]);
            }
          }
          continue;
        }
        hand(slot, takeOpen(waiting, Math.min(share, window - slot.inside.size)));
      }
    });
  };

  const start = (slot: Slot): void => {
    slot.restart = null;
    slot.process = startEngineProcess(
      { folder: model.folder, digest: model.digest, threads: options.threads, batchRows: options.batchRows },
      {
        onMessage: (message) => {
          hear(slot, message);
        },
        onExit: (how) => {
          bury(slot, how);
        },
      },
    );
  };

  const hear = (slot: Slot, message: FromEngine): void => {
    if (message.type === 'unusable') {
      unusable = message.message;
      slot.process?.kill();
      started.resolve(undefined);
      return;
    }
    if (message.type === 'ready') {
      slot.ready = true;
      everReady = true;
      unusable = null;
      started.resolve(undefined);
    } else {
      slot.failures = 0;
      if (message.rows > 0) events.onBatch(message.rows, message.milliseconds);
      for (const answer of message.answers) receive(answer);
      slot.silentSince = slot.inside.size > 0 ? performance.now() : null;
    }
    dispatch();
  };

  const receive = (answer: WorkAnswer): void => {
    const piece = open.get(answer.id);
    if (!piece) return;
    const travelled = piece.sent - piece.submitted;
    const times = { queueMs: travelled + answer.queueMs, computeMs: answer.computeMs };
    if (answer.result) settle(piece, { ...times, result: answer.result, failure: null });
    else settle(piece, { ...times, result: null, failure: answer.failure ?? 'not_measurable' });
  };

  const bury = (slot: Slot, how: string): void => {
    const inside = [...slot.inside.values()];
    slot.process = null;
    slot.ready = false;
    slot.alone = false;
    slot.silentSince = null;
    slot.inside = new Map();
    if (closed) return;
    events.onRestart(how);
    for (const piece of inside) {
      piece.slot = null;
      piece.deaths++;
      if (piece.deaths >= 2) fail(piece, 'engine_died');
      else suspects.push(piece);
    }
    if (!everReady && slot.failures + 1 >= FUTILE_STARTS) {
      unusable ??= `the engine process ends before it is ready: ${how}`;
      started.resolve(undefined);
    }
    const delay = Math.min(LONGEST_RESTART_MS, RESTART_MS * 2 ** slot.failures);
    slot.failures++;
    slot.restart = setTimeout(
      () => {
        start(slot);
      },
      slot.failures === 1 ? 0 : delay,
    );
    dispatch();
  };

  const watch = setInterval(
    () => {
      const now = performance.now();
      for (const slot of slots) {
        if (slot.silentSince !== null && now - slot.silentSince > options.silenceMs) slot.process?.kill();
      }
    },
    Math.max(50, options.silenceMs / 4),
  );
  watch.unref();

  for (const slot of slots) start(slot);

  const admit = (count: number): void => {
    if (closed || (unusable !== null && !slots.some(({ ready }) => ready))) {
      throw new EngineError('engine_unavailable', unusable ?? 'the engine is shut down');
    }
    if (count > options.queueLimit) {
      throw new EngineError(
        'request_exceeds_queue',
        `expected at most ${options.queueLimit} measurements in one request, got ${count}; send fewer images at a time`,
      );
    }
    if (open.size + count > options.queueLimit) {
      throw new EngineError(
        'engine_busy',
        `${open.size} inputs are being measured and ${options.queueLimit} is the limit; come again in a second`,
      );
    }
  };

  return {
    measure: async <J extends Job>(pixels: Uint8Array, job: J, deadlineMs: number) => {
      admit(1);
      return new Promise<Outcome<JobResult<J>>>((resolve) => {
        const piece: Piece = {
          id: nextId++,
          pixels,
          job,
          submitted: performance.now(),
          slot: null,
          sent: 0,
          deaths: 0,
          // The process answers a job by the result of that job's kind.
          settle: resolve as (outcome: Outcome<unknown>) => void,
          timer: setTimeout(() => {
            piece.slot?.process?.send({ type: 'cancel', ids: [piece.id] });
            fail(piece, 'deadline');
            dispatch();
          }, deadlineMs),
        };
        open.set(piece.id, piece);
        waiting.push(piece);
        dispatch();
      });
    },
    admit,
    get ready() {
      return slots.some((slot) => slot.ready);
    },
    get unusable() {
      return unusable;
    },
    get pids() {
      return slots.flatMap(({ process }) => (process?.pid === undefined ? [] : [process.pid]));
    },
    started: () => started.promise,
    close: () => {
      if (closed) return;
      closed = true;
      clearInterval(watch);
      for (const slot of slots) {
        if (slot.restart) clearTimeout(slot.restart);
        slot.process?.kill();
      }
      for (const piece of [...open.values()]) fail(piece, 'engine_died');
    },
  };
}
