import type { Classifier, PullBack } from '../numerics/jacobian/classifier.ts';
import type { MeasurementSteps, Points } from '../numerics/jacobian/measurement-steps.ts';
import { NotMeasurableError } from '../numerics/jacobian/not-measurable-error.ts';

export interface Task<T> {
  readonly measuring: MeasurementSteps<T>;
  /** Bulk tasks fill what room the others leave, and get a quarter of a batch in any case. */
  readonly bulk: boolean;
  /** Milliseconds spent waiting before the first batch that had a row of this task, and computing since. */
  readonly onEnd: (outcome: TaskOutcome<T>) => void;
}

export type TaskOutcome<T> =
  | { readonly result: T; readonly queueMs: number; readonly computeMs: number }
  | { readonly failure: 'not_measurable'; readonly queueMs: number; readonly computeMs: number };

export interface SchedulerOptions {
  readonly classify: Classifier;
  /** Null for a classifier without gradients; then no task may want them. */
  readonly pullBack: PullBack | null;
  readonly dimension: number;
  readonly classes: number;
  /** Rows of one batch at the most. */
  readonly batchRows: number;
  readonly now: () => number;
  readonly onBatch: (rows: number, milliseconds: number) => void;
}

interface OpenTask<T> extends Task<T> {
  /** Under which it is open. */
  readonly key: Task<T>;
  points: Points;
  /** Rows handed out to batches so far, and the answers to them. */
  asked: number;
  answers: Float32Array;
  readonly arrived: number;
  started: number | null;
  /** Still waiting for its base pass. */
  fresh: boolean;
}

/** Rows `from` … `from + count − 1` of what a task wants. */
interface Share<T> {
  readonly task: OpenTask<T>;
  readonly from: number;
  readonly count: number;
}

/** Shares ONNX batches among open measurements. One `cycle` is one batch. */
export interface Scheduler<T> {
  add(task: Task<T>): void;
  /** Forgets tasks whose answer nobody waits for. */
  remove(task: Task<T>): void;
  readonly size: number;
  /**
   * Gathers rows, classifies them, hands out the answers. Resolves when the batch is done; no effect without
   * tasks.
   */
  cycle(): Promise<void>;
}

/**
 * Base passes of new tasks go first, so that a new input is looked at in the very next batch; then the rows
 * that earlier tasks want, in order of arrival; then bulk tasks.
 */
export function createScheduler<T>(options: SchedulerOptions): Scheduler<T> {
  const { classify, pullBack, dimension, classes, batchRows, now, onBatch } = options;
  const open = new Map<Task<T>, OpenTask<T>>();
  const buffer = new Float32Array(batchRows * dimension);
  const cotangents = new Float32Array(pullBack ? batchRows * classes : 0);
  /** Numbers of one answer. */
  const widthOf = ({ writeCotangent }: Points): number => (writeCotangent ? dimension : classes);
  const answersTo = (points: Points): Float32Array => new Float32Array(points.count * widthOf(points));

  const end = (task: OpenTask<T>, outcome: { result: T } | { failure: 'not_measurable' }): void => {
    open.delete(task.key);
    const started = task.started ?? task.arrived;
    task.onEnd({ ...outcome, queueMs: started - task.arrived, computeMs: now() - started });
  };

  /** Resumes a measurement whose points are all answered. */
  const resume = (task: OpenTask<T>): void => {
    try {
      const step = task.measuring.next(task.answers);
      if (step.done) {
        end(task, { result: step.value });
        return;
      }
      task.points = step.value;
      task.asked = 0;
      task.fresh = false;
      task.answers = answersTo(step.value);
    } catch (error) {
      if (!(error instanceof NotMeasurableError)) throw error;
      end(task, { failure: 'not_measurable' });
    }
  };

  const gather = (): Share<T>[] => {
    const all = [...open.values()];
    const bulk = all.filter((task) => task.bulk && !task.fresh);
    const reserved = bulk.length > 0 && batchRows > 1 ? Math.max(1, batchRows >> 2) : 0;
    const shares: Share<T>[] = [];
    let room = batchRows - reserved;
    const take = (task: OpenTask<T>): void => {
      const count = Math.min(room, task.points.count - task.asked);
      if (count <= 0) return;
      shares.push({ task, from: task.asked, count });
      task.asked += count;
      room -= count;
    };
    for (const task of all) if (task.fresh) take(task);
    for (const task of all) if (!task.fresh && !task.bulk) take(task);
    room += reserved;
    for (const task of bulk) take(task);
    return shares;
  };

  /** Writes the rows of these shares, has them answered, and keeps the answers with their tasks. */
  const run = async (shares: readonly Share<T>[], answer: Classifier): Promise<number> => {
    const rows = shares.reduce((sum, { count }) => sum + count, 0);
    if (rows === 0) return 0;
    let row = 0;
    for (const { task, from, count } of shares) {
      const { write, writeCotangent } = task.points;
      for (let i = 0; i < count; i++, row++) {
        write(from + i, buffer.subarray(row * dimension, (row + 1) * dimension));
        writeCotangent?.(from + i, cotangents.subarray(row * classes, (row + 1) * classes));
      }
    }
    const answers = await answer(buffer.subarray(0, rows * dimension), rows);
    row = 0;
    for (const { task, from, count } of shares) {
      const width = widthOf(task.points);
      task.answers.set(answers.subarray(row * width, (row + count) * width), from * width);
      row += count;
    }
    return rows;
  };

  return {
    get size() {
      return open.size;
    },
    add(task) {
      const first = task.measuring.next();
      if (first.done) {
        task.onEnd({ result: first.value, queueMs: 0, computeMs: 0 });
        return;
      }
      const points = first.value;
      const answers = answersTo(points);
      open.set(task, {
        ...task,
        key: task,
        points,
        asked: 0,
        answers,
        arrived: now(),
        started: null,
        fresh: true,
      });
    },
    remove(task) {
      open.delete(task);
    },
    async cycle() {
      const shares = gather();
      if (shares.length === 0) return;
      const began = now();
      for (const { task } of shares) task.started ??= began;
      // Rows that want logits and rows that want gradients are two runs of one batch.
      const plain = shares.filter(({ task }) => !task.points.writeCotangent);
      const steep = shares.filter(({ task }) => task.points.writeCotangent);
      let rows = await run(plain, classify);
      if (steep.length > 0) {
        if (pullBack === null)
          throw new TypeError('expected a classifier with gradients: a measurement wants them');
        rows += await run(steep, (inputs, count) =>
          pullBack(inputs, cotangents.subarray(0, count * classes), count),
        );
      }
      onBatch(rows, now() - began);
      for (const { task, from, count } of shares) {
        if (from + count === task.points.count) resume(task);
      }
    },
  };
}
