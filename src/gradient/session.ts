import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GradientError } from './gradient-error.ts';
import type { GradientGraph } from './graph.ts';
import { padRows } from './pad-rows.ts';

export interface GradientSession {
  /**
   * g = J_zᵀ u for each row, (count, D).
   *
   * A row's answer does not depend on the rows beside it.
   *
   * @param inputs (count, D)
   * @param cotangents (count, K)
   */
  readonly gradient: (inputs: Float32Array, cotangents: Float32Array, count: number) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

export interface GradientSessionOptions {
  /** Threads inside one operator. */
  readonly threads: number;
  /** Rows that are run at once at the most; all of them if not said. */
  readonly rows?: number;
}

/**
 * Opens a gradient graph in ONNX Runtime.
 *
 * `run` blocks the JavaScript thread until it is done: only the engine process and offline programs call
 * this.
 *
 * @throws GradientError `graph_refused`
 */
export async function openGradientSession(
  graph: GradientGraph,
  options: GradientSessionOptions,
): Promise<GradientSession> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(graph.onnx, {
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Threads that spin while they wait take the cores that HTTP and decoding need.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new GradientError(
      'graph_refused',
      `ONNX Runtime refuses the gradient graph: ${(error as Error).message}`,
    );
  }
  return {
    gradient: createGradient(graph, session, options.rows ?? Infinity),
    release: () => session.release(),
  };
}

function createGradient(
  graph: GradientGraph,
  session: InferenceSession,
  most: number,
): GradientSession['gradient'] {
  const sizesOf = (
    matches: (name: string) => boolean,
  ): { name: string; batch: number | null; sizes: number[] } => {
    const found = session.inputMetadata.find(({ name }) => matches(name));
    if (!found?.isTensor) throw new GradientError('graph_refused', 'expected two tensors as inputs');
    const [batch, ...sizes] = found.shape;
    return { name: found.name, batch: typeof batch === 'number' ? batch : null, sizes: sizes.map(Number) };
  };
  const input = sizesOf((name) => name !== graph.cotangentName);
  const cotangent = sizesOf((name) => name === graph.cotangentName);
  const dimension = input.sizes.reduce((a, b) => a * b, 1);
  const classes = cotangent.sizes.reduce((a, b) => a * b, 1);

  const run = async (inputs: Float32Array, cotangents: Float32Array, rows: number): Promise<Float32Array> => {
    const answer = await session.run({
      [input.name]: new Tensor('float32', inputs, [rows, ...input.sizes]),
      [cotangent.name]: new Tensor('float32', cotangents, [rows, classes]),
    });
    return answer[graph.gradientName]!.data as Float32Array;
  };

  return async (inputs, cotangents, count) => {
    if (inputs.length !== count * dimension || cotangents.length !== count * classes) {
      throw new RangeError(
        `expected ${count} rows of ${dimension} inputs and ${classes} cotangents, ` +
          `got ${inputs.length} and ${cotangents.length} numbers`,
      );
    }
    if (input.batch === null && count <= most) return run(inputs, cotangents, count);
    const gradients = new Float32Array(inputs.length);
    const step = Math.min(count, input.batch ?? most);
    for (let row = 0; row < count; row += step) {
      const end = Math.min(count, row + step);
      const x = padRows(inputs.subarray(row * dimension, end * dimension), (input.batch ?? 0) * dimension);
      const u = padRows(cotangents.subarray(row * classes, end * classes), (input.batch ?? 0) * classes);
      const part = await run(x, u, x.length / dimension);
      gradients.set(part.subarray(0, (end - row) * dimension), row * dimension);
    }
    return gradients;
  };
}
