import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Model } from '../src/model/load.ts';
import { threads } from './harness.ts';

/** Plain ONNX Runtime, as one would use it without this project: its defaults, all cores, the best batch. */
export interface Plain {
  readonly batch: number;
  /** Images a second over `count` inputs, the same few again and again. */
  readonly throughput: (count: number) => Promise<number>;
  readonly release: () => Promise<void>;
}

const BATCHES = [1, 2, 4, 8, 16, 32, 64, 128];

export async function openPlain(model: Model, inputs: readonly Float32Array[]): Promise<Plain> {
  const session = await InferenceSession.create(model.onnx, {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
  const [, ...sizes] = model.manifest.input.shape;
  const batchOf = (size: number): Tensor => {
    const data = new Float32Array(size * model.dimension);
    for (let i = 0; i < size; i++) data.set(inputs[i % inputs.length]!, i * model.dimension);
    return new Tensor('float32', data, [size, ...sizes]);
  };
  const run = async (tensor: Tensor, runs: number): Promise<number> => {
    const began = performance.now();
    for (let i = 0; i < runs; i++)
      await session.run({ [model.manifest.input.name]: tensor }, [model.output.name]);
    return (1000 * runs * tensor.dims[0]!) / (performance.now() - began);
  };
  let best = { batch: 1, speed: 0 };
  for (const batch of BATCHES) {
    if (batch * model.dimension > 8e6) break;
    const tensor = batchOf(batch);
    await run(tensor, 2);
    const speed = await run(tensor, Math.max(3, Math.ceil(128 / batch)));
    if (speed > best.speed) best = { batch, speed };
  }
  const tensor = batchOf(best.batch);
  return {
    batch: best.batch,
    throughput: (count) => run(tensor, Math.max(1, Math.round(count / best.batch))),
    release: () => session.release(),
  };
}
