import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType as DataType,
  type ValueInfoProtoSchema,
} from '../src/gradient/onnx/onnx_pb.js';
import type { Manifest } from '../src/model/manifest.ts';

export interface GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** An integer, a list of integers, a text or a float. */
  readonly attributes?: Readonly<
    Record<string, number | readonly number[] | string | { readonly float: number }>
  >;
}

export interface GraphSpec {
  readonly nodes: readonly GraphNode[];
  readonly input: { readonly name: string; readonly shape: readonly (number | string)[] };
  readonly outputs: readonly { readonly name: string; readonly shape: readonly (number | string)[] }[];
  /** Constant tensors, row-major, float32 where nothing is said. */
  readonly constants?: Readonly<
    Record<
      string,
      { readonly shape: readonly number[]; readonly values: readonly number[]; readonly type?: 'int64' }
    >
  >;
  /** Version of the operators, 13 where nothing is said. */
  readonly opset?: number;
  /** Version of the format, 8 where nothing is said. */
  readonly irVersion?: number;
}

function valueInfo({ name, shape }: GraphSpec['input']): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size) =>
    typeof size === 'string'
      ? ({ value: { case: 'dimParam', value: size } } as const)
      : ({ value: { case: 'dimValue', value: BigInt(size) } } as const),
  );
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: DataType.FLOAT, shape: { dim } } } },
  };
}

function attribute(
  name: string,
  value: NonNullable<GraphNode['attributes']>[string],
): MessageInitShape<typeof AttributeProtoSchema> {
  const { INT, INTS, STRING, FLOAT } = AttributeType;
  if (typeof value === 'number') return { name, type: INT, i: BigInt(value) };
  if (typeof value === 'string') return { name, type: STRING, s: Buffer.from(value) };
  return 'float' in value
    ? { name, type: FLOAT, f: value.float }
    : { name, type: INTS, ints: value.map(BigInt) };
}

/** The bytes of an ONNX model. */
export function buildGraph(spec: GraphSpec): Uint8Array {
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(spec.irVersion ?? 8),
    opsetImport: [{ domain: '', version: BigInt(spec.opset ?? 13) }],
    graph: {
      name: 'test',
      node: spec.nodes.map(({ op, inputs, outputs, attributes = {} }) => ({
        opType: op,
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      })),
      input: [valueInfo(spec.input)],
      output: spec.outputs.map(valueInfo),
      initializer: Object.entries(spec.constants ?? {}).map(([name, { shape, values, type }]) => ({
        name,
        dims: shape.map(BigInt),
        ...(type === 'int64'
          ? { dataType: DataType.INT64, int64Data: values.map(BigInt) }
          : { dataType: DataType.FLOAT, floatData: [...values] }),
      })),
    },
  });
  return toBinary(ModelProtoSchema, model);
}

/** A manifest for a small gray model whose pixels reach the graph as intensities in [0, 1]. */
export function grayManifest(height: number, width: number, labels: readonly string[]): Manifest {
  return {
    name: 'test',
    version: '1',
    labels: [...labels],
    input: {
      name: 'x',
      shape: ['n', 1, height, width],
      layout: 'NCHW',
      channels: 'gray',
      resize: { rule: 'stretch', kernel: 'nearest' },
      background: 0,
      scale: 1 / 255,
      mean: [0],
      std: [1],
    },
    output: { name: 'z', values: 'logits' },
    mirror_keeps_label: false,
    licence: 'Apache-2.0',
    provenance: 'made by this test',
  };
}

/** Writes a model folder into a new temporary folder and gives its path. */
export async function writeModel(manifest: unknown, onnxBytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-model-'));
  await writeFile(join(folder, 'model.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'model.onnx'), onnxBytes);
  return folder;
}

/**
 * The textbook map y1 = x1 + x2·x3, y2 = 2·x3 on an image of 1 × 3 pixels, J = [[1, x3, x2], [0, 0, 2]].
 *
 * @param last What makes the output `z` from the two logits: `Identity` or `Softmax`.
 */
export function textbookGraph(last: 'Identity' | 'Softmax' = 'Identity'): Uint8Array {
  const column = (values: number[]): { shape: number[]; values: number[] } => ({ shape: [3, 1], values });
  return buildGraph({
    input: { name: 'x', shape: ['n', 1, 1, 3] },
    outputs: [{ name: 'z', shape: ['n', 2] }],
    constants: {
      e1: column([1, 0, 0]),
      e2: column([0, 1, 0]),
      e3: column([0, 0, 1]),
      twice3: column([0, 0, 2]),
    },
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'], attributes: { axis: 1 } },
      { op: 'MatMul', inputs: ['flat', 'e1'], outputs: ['x1'] },
      { op: 'MatMul', inputs: ['flat', 'e2'], outputs: ['x2'] },
      { op: 'MatMul', inputs: ['flat', 'e3'], outputs: ['x3'] },
      { op: 'Mul', inputs: ['x2', 'x3'], outputs: ['x2x3'] },
      { op: 'Add', inputs: ['x1', 'x2x3'], outputs: ['y1'] },
      { op: 'MatMul', inputs: ['flat', 'twice3'], outputs: ['y2'] },
      { op: 'Concat', inputs: ['y1', 'y2'], outputs: ['y'], attributes: { axis: 1 } },
      { op: last, inputs: ['y'], outputs: ['z'], ...(last === 'Softmax' ? { attributes: { axis: 1 } } : {}) },
    ],
  });
}
