import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Forward, ForwardNode } from './forward.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  type AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProto,
  TensorProtoSchema,
} from './onnx/onnx_pb.js';
import type { Shapes } from './shapes.ts';
import type { Shape } from './value-info.ts';
import { UnsupportedError } from './unsupported.ts';

/** Integers unless said to be a float. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/**
 * Whether the upper bound of a clipped ReLU stops the gradient, as it does by definition, or lets it pass: to
 * look for the few activations that reach theirs costs as much as to look for the many that are zero.
 */
export type Ceilings = 'kept' | 'ignored';

/**
 * The backward nodes of a graph as they are written. Its methods append a node or a constant and give its
 * name.
 */
export interface Tape {
  /** Version of the standard operators, which the new nodes must be written in too. */
  readonly opset: number;
  readonly ceilings: Ceilings;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly op: (op: string, inputs: readonly string[], attributes?: Attributes) => string;
  /** A float32 tensor. */
  readonly floats: (shape: readonly number[], values: Iterable<number>) => string;
  /** A float32 number, as a tensor that broadcasts. */
  readonly number: (value: number) => string;
  /** A list of int64. */
  readonly ints: (values: readonly number[]) => string;
  /** A name that the model does not have. */
  readonly nameOf: (what: string) => string;
  readonly shapeOf: (value: string) => Shape;
  /** Whether the gradient with respect to `value` is of use. */
  readonly isActive: (value: string) => boolean;
  /** Node that computes `value`. */
  readonly makerOf: (value: string) => ForwardNode | undefined;
  /**
   * The numbers in an input of a node that `measureShapes` reads.
   *
   * @throws UnsupportedError if they depend on the model's input
   */
  readonly valuesOf: (value: string) => readonly number[];
}

/** An empty tape for the backward nodes of `forward`; `prefix` keeps new names apart from the model's own. */
export function createTape(forward: Forward, shapes: Shapes, prefix: string, ceilings: Ceilings): Tape {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const constants = new Map<string, string>();
  const makers = new Map(forward.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));

  const constant = (dataType: DataType, dims: readonly number[], bytes: Uint8Array): string => {
    const key = `${dataType} ${dims.join()} ${Buffer.from(bytes).toString('latin1')}`;
    const known = constants.get(key);
    if (known !== undefined) return known;
    const name = `${prefix}constant:${initializers.length}`;
    const dims64 = dims.map(BigInt);
    initializers.push(create(TensorProtoSchema, { name, dataType, dims: dims64, rawData: bytes }));
    constants.set(key, name);
    return name;
  };
  const floats: Tape['floats'] = (shape, values) =>
    constant(DataType.FLOAT, shape, new Uint8Array(Float32Array.from(values).buffer));

  return {
    opset: forward.opset,
    ceilings,
    nodes,
    initializers,
    op: (op, inputs, attributes = {}) => {
      const name = `${prefix}${op}:${nodes.length}`;
      nodes.push(
        create(NodeProtoSchema, {
          opType: op,
          name,
          input: [...inputs],
          output: [name],
          attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
        }),
      );
      return name;
    },
    floats,
    number: (value) => floats([], [value]),
    ints: (values) =>
      constant(DataType.INT64, [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
    nameOf: (what) => prefix + what,
    shapeOf: (value) => {
      const shape = shapes.of.get(value);
      if (!shape) throw new Error(`expected a value of the model, got "${value}"`);
      return shape;
    },
    isActive: (value) => forward.active.has(value),
    makerOf: (value) => makers.get(value),
    valuesOf: (value) => {
      const values = shapes.values.get(value);
      if (!values) throw new UnsupportedError(`expected "${value}" not to depend on the input`);
      return values;
    },
  };
}

function attributeProto(
  name: string,
  value: Attributes[string],
): MessageInitShape<typeof AttributeProtoSchema> {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
}
