import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, truncate } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { batchRowsFor } from '../../src/engine/batch-rows.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { readIdxImages } from '../../src/model/idx.ts';
import { loadModel } from '../../src/model/load.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { openSession } from '../../src/model/session.ts';
import { exactSensitivity } from '../../src/numerics/jacobian/exact.ts';
import { runMeasurement } from '../../src/numerics/jacobian/measurement-steps.ts';
import type { SequentialPlan } from '../../src/numerics/jacobian/sequential.ts';
import { softmax } from '../../src/numerics/jacobian/softmax.ts';

const root = new URL('../../models/fashion-mnist/', import.meta.url);
const model = await loadModel(fileURLToPath(root));
const images = await readIdxImages(fileURLToPath(new URL('test-split/t10k-images-idx3-ubyte.gz', root)));
const MINUTE = 60_000;

const open: Engine[] = [];
after(() => {
  for (const engine of open) engine.close();
});

async function startEngine(
  changes: Partial<EngineOptions> = {},
  of = model,
): Promise<{ engine: Engine; restarts: string[] }> {
  const restarts: string[] = [];
  const engine = createEngine(of, {
    processes: 1,
    threads: 2,
    batchRows: batchRowsFor(model.dimension),
    silenceMs: 30_000,
    events: { onBatch: () => undefined, onRestart: (how) => restarts.push(how) },
    ...changes,
  });
  open.push(engine);
  await engine.started();
  return { engine, restarts };
}

const plan: SequentialPlan = {
  looks: [8],
  error: 0.005,
  difference: 'forward',
  step: 1e-3,
  confidence: 0.99,
  prior: null,
  steepest: null,
};

const estimate = (seed: number) =>
  ({
    kind: 'estimate',
    seed: Uint32Array.of(seed, 2, 3, 4),
    threshold: null,
    plan,
    transforms: null,
    copies: null,
    statistics: false,
  }) as const;

function kill(engine: Engine): void {
  for (const pid of engine.pids) process.kill(pid, 'SIGKILL');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the engine', () => {
  it('measures in its process what the numerics measure in this one, bit for bit', async () => {
    const { engine } = await startEngine();
    const session = await openSession(model, { threads: 1 });
    const input = createPreprocess(model.manifest)(images.pixels(0));
    const here = await runMeasurement(exactSensitivity(input), session.classify, model.dimension);
    await session.release();
    const there = await engine.measure(images.pixels(0), { kind: 'exact' }, MINUTE);
    assert.equal(there.result?.sensitivity, here.sensitivity);
    engine.close();
  });

  it('gives each of 500 concurrent inputs its own answer, the same as alone', async () => {
    const { engine } = await startEngine();
    const alone = new Map<number, number>();
    for (const i of [0, 123, 499]) {
      const { result } = await engine.measure(images.pixels(i), estimate(i), MINUTE);
      alone.set(i, result!.sensitivity);
    }
    const together = await Promise.all(
      Array.from({ length: 500 }, (_, i) => engine.measure(images.pixels(i), estimate(i), MINUTE)),
    );
    for (const [i, sensitivity] of alone) assert.equal(together[i]!.result!.sensitivity, sensitivity);
    assert.equal(new Set(together.map(({ result }) => result!.sensitivity)).size, 500);
    engine.close();
  });

  it('loses and mixes up none of 10,000 open inputs', async () => {
    const { engine } = await startEngine();
    // The plan decides by the base pass alone, so that what is tested is the traffic.
    const prior = { intercept: 0, slope: 0, deviation: 0.1, support: [-1e3, 1e3] as const };
    const basePass: SequentialPlan = { ...plan, looks: [0, 1], prior };
    const outcomes = await Promise.all(
      Array.from({ length: 10_000 }, (_, i) =>
        engine.measure(images.pixels(i), { ...estimate(i + 1), threshold: 1e9, plan: basePass }, 5 * MINUTE),
      ),
    );
    const session = await openSession(model, { threads: 2 });
    const preprocess = createPreprocess(model.manifest);
    const STRIDE = 25;
    const checked = Array.from({ length: 10_000 / STRIDE }, (_, k) => k * STRIDE);
    const inputs = new Float32Array(checked.length * model.dimension);
    checked.forEach((i, row) => {
      inputs.set(preprocess(images.pixels(i)).values, row * model.dimension);
    });
    const logits = await session.classify(inputs, checked.length);
    await session.release();
    for (const [row, i] of checked.entries()) {
      assert.deepEqual(
        outcomes[i]!.result?.probabilities,
        softmax(logits, row * model.classes, model.classes),
        `input ${i}`,
      );
    }
    assert.equal(outcomes.filter(({ result }) => result !== null).length, 10_000);
    engine.close();
  });

  it('gives the same sensitivity with one thread, two threads and two processes', async () => {
    const values: number[][] = [];
    for (const changes of [{ threads: 1 }, { threads: 2 }, { threads: 1, processes: 2 }]) {
      const { engine } = await startEngine(changes);
      const outcomes = await Promise.all(
        Array.from({ length: 60 }, (_, i) => engine.measure(images.pixels(i), estimate(i + 1), MINUTE)),
      );
      values.push(outcomes.map(({ result }) => result!.sensitivity));
      engine.close();
    }
    assert.deepEqual(values[1], values[0]);
    assert.deepEqual(values[2], values[0]);
  });

  it('measures again what was inside a process that died, with the same result', async () => {
    const { engine, restarts } = await startEngine();
    const before = await Promise.all(
      [0, 1, 2].map((i) => engine.measure(images.pixels(i), estimate(i), MINUTE)),
    );
    const exact = engine.measure(images.pixels(0), { kind: 'exact' }, MINUTE);
    const others = [0, 1, 2].map((i) => engine.measure(images.pixels(i), estimate(i), MINUTE));
    setTimeout(() => {
      kill(engine);
    }, 20);
    const after = await Promise.all(others);
    assert.deepEqual(
      after.map(({ result }) => result?.sensitivity),
      before.map(({ result }) => result?.sensitivity),
    );
    assert.ok((await exact).result);
    assert.deepEqual(restarts, ['killed by SIGKILL']);
    engine.close();
  });

  it('gives up on an input whose process died twice, and serves others after it', async () => {
    const { engine } = await startEngine();
    const deadly = engine.measure(images.pixels(0), { kind: 'exact' }, MINUTE);
    for (let deaths = 0; deaths < 2; deaths++) {
      await until(() => engine.ready);
      await new Promise((resolve) => setTimeout(resolve, 30));
      kill(engine);
      await until(() => !engine.ready);
    }
    const outcome = await deadly;
    assert.equal(outcome.failure, 'engine_died');
    const next = await engine.measure(images.pixels(1), estimate(1), MINUTE);
    assert.ok(next.result);
    engine.close();
  });

  it('leaves its own process the first turn at every core', async () => {
    const { engine } = await startEngine();
    for (const pid of engine.pids)
      assert.ok(getPriority(pid) > getPriority(), `${pid} is as urgent as the service`);
    engine.close();
  });

  it('lets a missed deadline be an outcome', async () => {
    const { engine } = await startEngine();
    const { failure, result } = await engine.measure(images.pixels(0), { kind: 'exact' }, 1);
    assert.equal(failure, 'deadline');
    assert.equal(result, null);
    engine.close();
  });

  it('goes on with others when the deadline of what was inside a dead process passes before it is up again', async () => {
    const { engine } = await startEngine();
    const doomed = engine.measure(images.pixels(0), { kind: 'exact' }, 150);
    await new Promise((resolve) => setTimeout(resolve, 50));
    kill(engine);
    await until(() => !engine.ready);
    const next = engine.measure(images.pixels(1), estimate(1), MINUTE);
    assert.equal((await doomed).failure, 'deadline');
    assert.ok((await next).result);
    engine.close();
  });

  it('kills a process that hangs, and measures its inputs in the next one', async () => {
    const { engine, restarts } = await startEngine({ silenceMs: 300 });
    for (const pid of engine.pids) process.kill(pid, 'SIGSTOP');
    const { result } = await engine.measure(images.pixels(0), estimate(0), MINUTE);
    assert.ok(result);
    assert.deepEqual(restarts, ['killed by SIGKILL']);
    engine.close();
  });

  it('measures what has no deadline however long it waits', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { engine } = await startEngine();
    for (const pid of engine.pids) process.kill(pid, 'SIGSTOP');
    const patient = engine.measure(images.pixels(0), estimate(0), null);
    const hurried = engine.measure(images.pixels(1), estimate(1), 599_000);
    t.mock.timers.tick(600_000);
    assert.equal((await hurried).failure, 'deadline');
    for (const pid of engine.pids) process.kill(pid, 'SIGCONT');
    assert.equal((await patient).failure, null);
    engine.close();
  });

  it('ends what has no deadline once no process gets ready any more', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'sensigate-model-'));
    t.after(() => rm(folder, { recursive: true }));
    for (const file of ['model.json', 'model.onnx'])
      await copyFile(join(model.folder, file), join(folder, file));
    const { engine } = await startEngine({ processes: 2 }, await loadModel(folder));
    await truncate(join(folder, 'model.onnx'));
    kill(engine);
    const outcome = await engine.measure(images.pixels(0), estimate(0), null);
    assert.equal(outcome.failure, 'engine_died');
    engine.close();
  });

  it('says why a model cannot be run', async () => {
    const engine = createEngine(
      { ...model, digest: 'sha256:another' },
      {
        processes: 1,
        threads: 1,
        batchRows: 8,
        silenceMs: 10_000,
        events: { onBatch: () => undefined, onRestart: () => undefined },
      },
    );
    open.push(engine);
    await engine.started();
    assert.equal(engine.ready, false);
    assert.match(engine.unusable ?? '', /expected digest sha256:another/);
    await assert.rejects(engine.measure(images.pixels(0), estimate(0), MINUTE), /expected digest/);
    engine.close();
  });

  it('maps every pixel, the squares adding up to the sensitivity', async () => {
    const { engine } = await startEngine();
    const exact = await engine.measure(images.pixels(5), { kind: 'exact' }, MINUTE);
    const { result: map } = await engine.measure(
      images.pixels(5),
      { kind: 'map', seed: Uint32Array.of(1, 2, 3, 4), block: 1 },
      MINUTE,
    );
    const sum = map!.values.reduce((total, value) => total + value ** 2, 0);
    // Summed in another order.
    assert.ok(Math.abs(Math.sqrt(sum) / exact.result!.sensitivity - 1) < 1e-12);
    assert.equal(map!.rows * map!.columns, 784);
    engine.close();
  });
});
