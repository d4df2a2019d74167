import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Classifier } from '../numerics/jacobian/classifier.ts';
import { padRows } from '../gradient/pad-rows.ts';
import type { Model } from './load.ts';
import { ModelError } from './model-error.ts';

/** Smallest probability that has a logarithm in float32; log of less is log of this. */
const TINY = 1.17549435e-38;

export interface Session {
  readonly classify: Classifier;
  readonly release: () => Promise<void>;
}

export interface SessionOptions {
  /** Threads inside one operator. */
  readonly threads: number;
}

/**
 * Opens the model in ONNX Runtime as a function to logits, and runs it once to see that it does what its
 * manifest says.
 *
 * `run` blocks the JavaScript thread until it is done: only the engine process and offline programs call
 * this.
 *
 * @throws ModelError `unreadable_graph` or `output_mismatch`
 */
export async function openSession(model: Model, options: SessionOptions): Promise<Session> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(model.onnx, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Threads that spin while they wait take the cores that HTTP and decoding need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new ModelError(
      'unreadable_graph',
      `ONNX Runtime refuses ${model.folder}/model.onnx: ${(error as Error).message}`,
    );
  }
  const classify = createClassify(model, session);
  const answer = await classify(new Float32Array(2 * model.dimension), 2);
  if (answer.length !== 2 * model.classes) {
    throw new ModelError(
      'output_mismatch',
      `model.json has ${model.classes} labels, but output "${model.output.name}" of ` +
        `${model.folder}/model.onnx has ${answer.length / 2} numbers a row`,
    );
  }
  return { classify, release: () => session.release() };
}

function createClassify(
  model: Model,
  session: InferenceSession,
): (inputs: Float32Array, count: number) => Promise<Float32Array> {
  const [, ...sizes] = model.manifest.input.shape;
  const inputName = model.manifest.input.name;
  const { name: outputName, logits } = model.output;

  const run = async (inputs: Float32Array, rows: number): Promise<Float32Array> => {
    const feeds = { [inputName]: new Tensor('float32', inputs, [rows, ...sizes]) };
    const { [outputName]: output } = await session.run(feeds, [outputName]);
    const data = output?.data;
    if (!(data instanceof Float32Array)) {
      throw new ModelError(
        'output_mismatch',
        `expected output "${outputName}" to be float32, got ${output?.type}`,
      );
    }
    if (logits === 'logarithm') {
      for (let i = 0; i < data.length; i++) data[i] = Math.log(Math.max(TINY, data[i]!));
    }
    return data;
  };

  const { fixedBatch, dimension } = model;
  if (fixedBatch === null) return run;
  return async (inputs, count) => {
    const parts: Float32Array[] = [];
    for (let row = 0; row < count; row += fixedBatch) {
      const rows = Math.min(fixedBatch, count - row);
      const part = inputs.subarray(row * dimension, (row + rows) * dimension);
      const answer = await run(padRows(part, fixedBatch * dimension), fixedBatch);
      parts.push(answer.subarray(0, (answer.length / fixedBatch) * rows));
    }
    const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  };
}
