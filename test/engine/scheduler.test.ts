import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createScheduler, type Scheduler, type Task, type TaskOutcome } from '../../src/engine/scheduler.ts';
import type { MeasurementSteps } from '../../src/numerics/jacobian/measurement-steps.ts';
import { requireFinite } from '../../src/numerics/jacobian/not-measurable-error.ts';

/**
 * Asks for `looks` of points, each point the number `name`, and returns all answers. The classifier doubles.
 */
function* asking(name: number, looks: readonly number[]): MeasurementSteps<number[]> {
  const heard: number[] = [];
  for (const count of looks) {
    const logits = yield {
      count,
      write: (row, target) => {
        target[0] = name + row / 100;
      },
    };
    requireFinite(logits);
    for (const one of logits) heard.push(one);
  }
  return heard;
}

interface Run {
  readonly scheduler: Scheduler<number[]>;
  readonly batches: number[][];
  readonly ended: Map<number, TaskOutcome<number[]>>;
  readonly add: (name: number, looks: readonly number[], bulk?: boolean) => Task<number[]>;
}

function start(batchRows: number): Run {
  const batches: number[][] = [];
  const ended = new Map<number, TaskOutcome<number[]>>();
  let clock = 0;
  const scheduler = createScheduler<number[]>({
    classify: (inputs, count) => {
      batches.push([...inputs.subarray(0, count)].map((value) => Math.floor(value + 1e-6)));
      return inputs.map((value) => 2 * value);
    },
    pullBack: (inputs, cotangents) => inputs.map((value, i) => value * cotangents[i]!),
    dimension: 1,
    classes: 1,
    batchRows,
    now: () => clock++,
    onBatch: () => undefined,
  });
  const add: Run['add'] = (name, looks, bulk = false) => {
    const task: Task<number[]> = {
      measuring: asking(name, looks),
      bulk,
      onEnd: (outcome) => ended.set(name, outcome),
    };
    scheduler.add(task);
    return task;
  };
  return { scheduler, batches, ended, add };
}

async function finish({ scheduler }: Run): Promise<void> {
  for (let cycles = 0; scheduler.size > 0; cycles++) {
    assert.ok(cycles < 1000, 'it does not end');
    await scheduler.cycle();
  }
}

describe('createScheduler', () => {
  it('answers rows that want gradients beside those that want logits, each with its own', async () => {
    const run = start(8);
    const heard: number[][] = [];
    const both = function* (name: number): MeasurementSteps<number[]> {
      const write = (_row: number, target: Float32Array): void => {
        target[0] = name;
      };
      const logits = yield { count: 1, write };
      heard.push([...logits]);
      const gradients = yield {
        count: 2,
        write,
        writeCotangent: (row, target) => {
          target[0] = 10 * (row + 1);
        },
      };
      heard.push([...gradients]);
      return [];
    };
    run.scheduler.add({ measuring: both(3), bulk: false, onEnd: () => undefined });
    await run.scheduler.cycle();
    run.scheduler.add({ measuring: both(4), bulk: false, onEnd: () => undefined });
    await finish(run);
    assert.deepEqual(heard, [[6], [8], [30, 60], [40, 80]]);
  });

  it('puts the rows of several measurements into one batch and gives each its own answers', async () => {
    const run = start(8);
    run.add(1, [1, 2]);
    run.add(2, [1, 2]);
    await finish(run);
    assert.deepEqual(run.batches, [
      [1, 2],
      [1, 1, 2, 2],
    ]);
    const one = run.ended.get(1);
    assert.ok(one && 'result' in one);
    assert.deepEqual(
      one.result,
      [1, 1, 1.01].map((value) => Math.fround(2 * Math.fround(value))),
    );
  });

  it('gives a measurement that wants more rows than a batch has the rest in the next ones', async () => {
    const run = start(3);
    run.add(1, [7]);
    await finish(run);
    assert.deepEqual(
      run.batches.map(({ length }) => length),
      [3, 3, 1],
    );
    const one = run.ended.get(1);
    assert.ok(one && 'result' in one && one.result.length === 7);
  });

  it('lets base passes of new inputs go before more probes of old ones', async () => {
    const run = start(4);
    run.add(1, [1, 6]);
    await run.scheduler.cycle();
    run.add(2, [1, 2]);
    await run.scheduler.cycle();
    assert.deepEqual(run.batches[1], [2, 1, 1, 1]);
  });

  it('leaves bulk measurements a quarter of a batch and no more while others want it', async () => {
    const run = start(8);
    run.add(9, [1, 50], true);
    await run.scheduler.cycle();
    run.add(1, [1, 50]);
    await run.scheduler.cycle();
    await run.scheduler.cycle();
    assert.deepEqual(run.batches[2], [1, 1, 1, 1, 1, 1, 9, 9]);
  });

  it('forgets a removed measurement', async () => {
    const run = start(4);
    const task = run.add(1, [1, 2]);
    await run.scheduler.cycle();
    run.scheduler.remove(task);
    await finish(run);
    assert.equal(run.ended.size, 0);
    assert.equal(run.batches.length, 1);
  });

  it('ends one measurement as not finite and goes on with the others', async () => {
    const run = start(4);
    run.add(NaN, [1]);
    run.add(2, [1, 1]);
    await finish(run);
    const bad = run.ended.get(NaN);
    assert.ok(bad && 'failure' in bad);
    assert.equal(bad.failure, 'not_measurable');
    const good = run.ended.get(2);
    assert.ok(good && 'result' in good);
  });
});
