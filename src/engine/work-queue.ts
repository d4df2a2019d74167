/**
 * The pieces of work that are open, and which process has them.
 *
 *   submitted ──► waiting ──► inside a process ──► answered
 *                                │ process ends
 *                                ▼
 *                    suspect (waits to run alone) ──► answered
 *                                │ process ends again
 *                                ▼
 *                             'engine_died'
 *
 * An input that was inside a process when it died may be what killed it. It is measured once more, alone in
 * its process, so that a deadly input takes no other one with it. At any point the deadline turns it into
 * 'deadline'; a piece without one waits as long as there are processes to wait for.
 */
import type { InputTensor, Pixels } from '../model/preprocess.ts';
import type { Measurement } from '../numerics/jacobian/measurement.ts';
import type { SensitivityMap } from '../numerics/jacobian/sensitivity-map.ts';
import { softmax } from '../numerics/jacobian/softmax.ts';
import type { Job, JobResult } from './job.ts';
import type { Work, WorkAnswer } from './messages.ts';
import type { Outcome } from './outcome.ts';

/** One process, as the queue sees it. */
export interface Worker {
  readonly inside: Map<number, Piece>;
  /** Runs a suspect alone: takes nothing else until it is answered. */
  alone: boolean;
}

interface Piece {
  readonly id: number;
  readonly data: Pixels | InputTensor;
  readonly job: Job;
  readonly submitted: number;
  /** Null without a deadline. */
  readonly timer: NodeJS.Timeout | null;
  readonly settle: (outcome: Outcome<unknown>) => void;
  /** Null while it is inside no process. */
  worker: Worker | null;
  sent: number;
  deaths: number;
}

export interface WorkQueue<W extends Worker> {
  /** Pieces that have no outcome yet. */
  readonly size: number;
  /** Adds a piece, and resolves with its outcome. */
  submit<J extends Job>(
    data: Pixels | InputTensor,
    job: J,
    deadlineMs: number | null,
  ): Promise<Outcome<JobResult<J>>>;
  /** Moves waiting pieces into `workers`, those that can take some, and tells what is to be sent to whom. */
  handOut(workers: readonly W[]): readonly { readonly worker: W; readonly works: readonly Work[] }[];
  receive(answer: WorkAnswer): void;
  /** The worker's process has ended: what was inside becomes suspect, or ends where it was one. */
  processEnded(worker: W): void;
  /** No process gets ready any more: what has no deadline ends. */
  giveUp(): void;
  /** Ends everything as 'engine_died'. */
  close(): void;
}

export interface WorkQueueOptions<W extends Worker> {
  /** Pieces inside one process at the most. */
  readonly window: number;
  /** A piece has met its deadline; `worker` is who need not go on with it, null where nobody had begun. */
  readonly onDeadline: (id: number, worker: W | null) => void;
}

export function createWorkQueue<W extends Worker>(options: WorkQueueOptions<W>): WorkQueue<W> {
  const open = new Map<number, Piece>();
  const waiting: Piece[] = [];
  const suspects: Piece[] = [];
  let nextId = 1;

  const settle = (piece: Piece, outcome: Outcome<unknown>): void => {
    if (!open.delete(piece.id)) return;
    if (piece.timer !== null) clearTimeout(piece.timer);
    if (piece.worker) {
      piece.worker.inside.delete(piece.id);
      if (piece.worker.inside.size === 0) piece.worker.alone = false;
    }
    piece.settle(outcome);
  };

  const fail = (piece: Piece, failure: 'engine_died' | 'deadline'): void => {
    const now = performance.now();
    const handed = piece.worker === null ? now : piece.sent;
    settle(piece, { result: null, failure, queueMs: handed - piece.submitted, computeMs: now - handed });
  };

  const miss = (piece: Piece): void => {
    // Only workers that `handOut` was given ever hold a piece.
    const worker = piece.worker as W | null;
    fail(piece, 'deadline');
    options.onDeadline(piece.id, worker);
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
    const waiting = queue.filter(({ id }) => open.has(id));
    for (const [place, piece] of waiting.entries()) queue[place] = piece;
    queue.length = waiting.length;
  };

  /** What `worker` gets now; the first of those that are ready is where suspects run. */
  const piecesFor = (worker: W, isFirst: boolean, share: number): readonly Piece[] => {
    if (worker.alone) return [];
    if (suspects.length > 0 && isFirst) {
      if (worker.inside.size > 0) return [];
      const suspect = takeOpen(suspects, 1);
      worker.alone = suspect.length > 0;
      return suspect;
    }
    return takeOpen(waiting, Math.min(share, options.window - worker.inside.size));
  };

  return {
    get size() {
      return open.size;
    },
    submit: <J extends Job>(data: Pixels | InputTensor, job: J, deadlineMs: number | null) =>
      new Promise<Outcome<JobResult<J>>>((resolve) => {
        const piece: Piece = {
          id: nextId++,
          data,
          job,
          submitted: performance.now(),
          worker: null,
          sent: 0,
          deaths: 0,
          // The process answers a job by the result of that job's kind.
          settle: resolve as (outcome: Outcome<unknown>) => void,
          timer:
            deadlineMs === null
              ? null
              : setTimeout(() => {
                  miss(piece);
                }, deadlineMs),
        };
        open.set(piece.id, piece);
        waiting.push(piece);
      }),
    handOut: (workers) => {
      forgetSettled(suspects);
      if (waiting.length > 2 * open.size) forgetSettled(waiting);
      const share = Math.ceil(waiting.length / workers.length);
      const now = performance.now();
      return workers.flatMap((worker, i) => {
        const pieces = piecesFor(worker, i === 0, share);
        for (const piece of pieces) {
          piece.worker = worker;
          piece.sent = now;
          worker.inside.set(piece.id, piece);
        }
        const works = pieces.map(({ id, data, job }) => ({ id, data, job }));
        return works.length === 0 ? [] : [{ worker, works }];
      });
    },
    receive: (answer) => {
      const piece = open.get(answer.id);
      if (!piece) return;
      const travelled = piece.sent - piece.submitted;
      const times = { queueMs: travelled + answer.queueMs, computeMs: answer.computeMs };
      if (answer.result) settle(piece, { ...times, result: receivedOf(answer.result), failure: null });
      else settle(piece, { ...times, result: null, failure: answer.failure ?? 'not_measurable' });
    },
    processEnded: (worker) => {
      const inside = [...worker.inside.values()];
      worker.inside.clear();
      worker.alone = false;
      for (const piece of inside) {
        piece.worker = null;
        piece.deaths++;
        if (piece.deaths >= 2) fail(piece, 'engine_died');
        else suspects.push(piece);
      }
    },
    giveUp: () => {
      for (const piece of [...open.values()]) if (piece.timer === null) fail(piece, 'engine_died');
    },
    close: () => {
      for (const piece of [...open.values()]) fail(piece, 'engine_died');
    },
  };
}

/** As it was measured: the same function of the same logits gives the same probabilities, bit for bit. */
function receivedOf(sent: NonNullable<WorkAnswer['result']>): Measurement | SensitivityMap {
  return 'logits' in sent ? { ...sent, probabilities: softmax(sent.logits) } : sent;
}
