import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import type { Manifest } from '../src/model/manifest.ts';

const { onnx } = onnxProto;
const FLOAT = 1;
const INT64 = 7;

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
}

const valueInfo = ({ name, shape }: { name: string; shape: readonly (number | string)[] }) => ({
  name,
  type: {
    tensorType: {
      elemType: FLOAT,
      shape: {
        dim: shape.map((size) => (typeof size === 'string' ? { dimParam: size } : { dimValue: size })),
      },
    },
  },
});

function attribute(name: string, value: NonNullable<GraphNode['attributes']>[string]) {
  const { INT, INTS, STRING, FLOAT: REAL } = onnx.AttributeProto.AttributeType;
  if (typeof value === 'number') return { name, type: INT, i: value };
  if (typeof value === 'string') return { name, type: STRING, s: Buffer.from(value) };
  return 'float' in value ? { name, type: REAL, f: value.float } : { name, type: INTS, ints: [...value] };
}

/** The bytes of an ONNX model. */
export function buildGraph(spec: GraphSpec): Uint8Array {
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: spec.opset ?? 13 }],
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
        dims: [...shape],
        ...(type === 'int64'
          ? { dataType: INT64, int64Data: [...values] }
          : { dataType: FLOAT, floatData: [...values] }),
      })),
    },
  }).finish();
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
