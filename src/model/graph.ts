import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type ModelProto, ModelProtoSchema, type ValueInfoProto } from '../gradient/onnx/onnx_pb.js';
import { tensorInfo } from '../gradient/value-info.ts';
import { ModelError } from './model-error.ts';

/** Operators after which only the tensor's shape differs. */
const SHAPE_ONLY = new Set(['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout', 'Cast']);

/**
 * Operators that round activations to a few hundred values, so that the answer is a step function of the
 * input.
 */
const QUANTISING =
  /^(QuantizeLinear|DynamicQuantizeLinear|ConvInteger|MatMulInteger|QLinear.*|DynamicQuantizeMatMul|QGemm)$/;

export interface GraphDescription {
  readonly inputs: readonly {
    readonly name: string;
    readonly elementType: number;
    readonly shape: readonly (number | string)[];
  }[];
  readonly outputs: readonly string[];
  /** Tensor that the output is the softmax of; null where the output does not come from a Softmax. */
  readonly beforeSoftmax: (output: string) => string | null;
  readonly quantisingOperators: readonly string[];
}

/**
 * What a model file says of its inputs, outputs and operators. Weights are not looked at.
 *
 * @throws ModelError `unreadable_graph`
 */
export function describeGraph(bytes: Uint8Array, path: string): GraphDescription {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new ModelError('unreadable_graph', `${path} is not an ONNX model: ${(error as Error).message}`);
  }
  const graph = model.graph;
  if (!graph?.node.length || !graph.output.length) {
    throw new ModelError(
      'unreadable_graph',
      `${path} is not an ONNX model: it has no graph with nodes and outputs`,
    );
  }
  const nodes = graph.node;
  const operators = [...nodes, ...model.functions.flatMap(({ node }) => node)].map(({ opType }) => opType);
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const makerOf = new Map(nodes.flatMap((node) => node.output.map((name) => [name, node] as const)));

  return {
    inputs: graph.input.filter(({ name }) => !constants.has(name)).map(describeInput),
    outputs: graph.output.map(({ name }) => name),
    beforeSoftmax: (output) => {
      let name = output;
      for (;;) {
        const node = makerOf.get(name);
        const source = node?.input[0];
        if (!node || !source) return null;
        if (node.opType === 'Softmax') return source;
        if (!SHAPE_ONLY.has(node.opType)) return null;
        name = source;
      }
    },
    quantisingOperators: [...new Set(operators.filter((op) => QUANTISING.test(op)))],
  };
}

/** Unknown sizes are given by the name that the graph has for them, and by `n` where it has none. */
function describeInput({ name, type }: ValueInfoProto): GraphDescription['inputs'][number] {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  return {
    name,
    elementType: tensor?.elemType ?? 0,
    shape: (tensor?.shape?.dim ?? []).map(({ value }) => {
      if (value.case === 'dimValue' && value.value > 0n) return Number(value.value);
      return (value.case === 'dimParam' && value.value) || 'n';
    }),
  };
}

/**
 * The same model with tensor `name` as one more output.
 *
 * A protobuf message that is followed by another of its kind reads as the two merged, so the addition is
 * appended and not one byte of the original is parsed and written again.
 */
export function withOutput(bytes: Uint8Array, name: string): Uint8Array {
  const addition = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { graph: { output: [tensorInfo(name)] } }),
  );
  const extended = new Uint8Array(bytes.length + addition.length);
  extended.set(bytes);
  extended.set(addition, bytes.length);
  return extended;
}
