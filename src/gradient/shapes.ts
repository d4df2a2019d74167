import { create } from '@bufbuild/protobuf';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from './encode.ts';
import type { Forward } from './forward.ts';
import {
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type ValueInfoProto,
} from './onnx/onnx_pb.js';
import { UnsupportedError } from './unsupported.ts';
import { declaredSizes, type Shape, tensorInfo } from './value-info.ts';

export interface Shapes {
  readonly of: ReadonlyMap<string, Shape>;
  /** Numbers in the inputs named by `READ`, where they do not depend on the model's input. */
  readonly values: ReadonlyMap<string, readonly number[]>;
}

/**
 * Inputs whose numbers the rules must know: the axes of a ReduceMean, the sizes of a Pad, the bounds of a
 * Clip.
 */
const READ: Readonly<Record<string, { readonly inputs: readonly number[]; readonly type: DataType }>> = {
  Clip: { inputs: [1, 2], type: DataType.FLOAT },
  Pad: { inputs: [1, 3], type: DataType.INT64 },
  ReduceMean: { inputs: [1], type: DataType.INT64 },
  ReduceSum: { inputs: [1], type: DataType.INT64 },
};

/**
 * Shapes of all values of a graph, as ONNX Runtime finds them.
 *
 * Each value gets a Shape node, and only those are fetched, for two and for three rows of zeros: what differs
 * is the batch. Inferring shapes from the operators would be longer and could be wrong. Cost: five forward
 * passes at most.
 *
 * @throws UnsupportedError if a size of the input other than the first is unknown.
 */
export async function measureShapes(forward: Forward): Promise<Shapes> {
  const sizes = declaredSizes(forward.input);
  const [batch = 0, ...rest] = sizes;
  if (rest.length === 0 || rest.some((size) => size <= 0)) {
    throw new UnsupportedError(
      `expected sizes of input "${forward.input.name}" that are known but for the first, got ` +
        JSON.stringify(sizes),
    );
  }
  const names = [...new Set(forward.nodes.flatMap(({ inputs, outputs }) => [...inputs, outputs[0] ?? '']))];
  const measured = names.filter((name) => name !== '');
  const read = new Map(
    forward.nodes.flatMap(({ op, inputs }) => {
      const names = (READ[op]?.inputs ?? []).map((position) => inputs[position] ?? '');
      const constant = names.filter((name) => name !== '' && !forward.active.has(name));
      return constant.map((name) => [name, READ[op]!.type] as const);
    }),
  );

  const runs = await runForRows(
    shapeGraph(forward, measured, read),
    forward.input.name,
    batch > 0 ? [batch] : [2, 3],
    rest,
  );
  const first = runs[0]!;
  const last = runs.at(-1)!;
  return {
    of: new Map(
      measured.map((name, i) => {
        const other = numbersOf(last, `shape:${i}`);
        const shape = numbersOf(first, `shape:${i}`);
        return [name, shape.map((size, axis) => (size === other[axis] ? size : null))];
      }),
    ),
    values: new Map([...read.keys()].map((name, i) => [name, numbersOf(first, `value:${i}`)])),
  };
}

/** What `graph` answers to zeros, for each number of rows. */
async function runForRows(
  graph: Uint8Array,
  inputName: string,
  rows: readonly number[],
  sizes: readonly number[],
): Promise<InferenceSession.OnnxValueMapType[]> {
  let session: InferenceSession | null = null;
  try {
    session = await InferenceSession.create(graph, {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 4,
    });
    const answers: InferenceSession.OnnxValueMapType[] = [];
    for (const count of rows) {
      const zeros = new Float32Array(sizes.reduce((a, b) => a * b, count));
      answers.push(await session.run({ [inputName]: new Tensor('float32', zeros, [count, ...sizes]) }));
    }
    return answers;
  } catch (error) {
    throw new UnsupportedError(`ONNX Runtime cannot run the graph: ${(error as Error).message}`);
  } finally {
    await session?.release();
  }
}

function numbersOf(answer: InferenceSession.OnnxValueMapType, name: string): number[] {
  const data = answer[name]?.data;
  if (!(data instanceof BigInt64Array || data instanceof Float32Array)) {
    throw new UnsupportedError(`expected "${name}" to be int64 or float32`);
  }
  return Array.from<bigint | number, number>(data, Number);
}

function shapeGraph(
  forward: Forward,
  measured: readonly string[],
  read: ReadonlyMap<string, DataType>,
): Uint8Array {
  const shapes = measured.map((name, i) => reading('Shape', name, `shape:${i}`, DataType.INT64));
  const values = [...read].map(([name, type], i) => reading('Identity', name, `value:${i}`, type));
  return encodeModel(forward, {
    nodes: [...shapes, ...values].map(({ node }) => node),
    inputs: [forward.input],
    initializers: [],
    outputs: [...shapes, ...values].map(({ output }) => output),
  });
}

function reading(
  op: string,
  from: string,
  to: string,
  elemType: DataType,
): { readonly node: NodeProto; readonly output: ValueInfoProto } {
  return {
    node: create(NodeProtoSchema, { opType: op, input: [from], output: [to] }),
    output: tensorInfo(to, undefined, elemType),
  };
}
