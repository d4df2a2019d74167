import { create, toBinary } from '@bufbuild/protobuf';
import type { Forward } from './forward.ts';
import { ModelProtoSchema, type NodeProto, type TensorProto, type ValueInfoProto } from './onnx/onnx_pb.js';

/**
 * From this version of the format on, a weight that is not also an input is constant, so that what it alone
 * makes is computed once.
 */
const CONSTANT_WEIGHTS = 4n;

/**
 * What a new model has besides the nodes and weights of `forward`; its inputs and outputs are all of them.
 */
export interface Addition {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

/**
 * The bytes of a model that computes the logits of `forward` and then `addition`, and gives only the latter's
 * outputs.
 *
 * The model's own nodes, weights and functions are written with every field that they have, known or not.
 */
export function encodeModel(forward: Forward, addition: Addition): Uint8Array {
  const { irVersion, opsetImport, functions, configuration } = forward.model;
  const model = create(ModelProtoSchema, {
    irVersion: irVersion > CONSTANT_WEIGHTS ? irVersion : CONSTANT_WEIGHTS,
    opsetImport,
    functions,
    configuration,
    graph: {
      name: 'gradient',
      node: [...forward.nodes.map(({ proto }) => proto), ...addition.nodes],
      initializer: [...forward.initializers, ...addition.initializers],
      input: [...addition.inputs],
      output: [...addition.outputs],
    },
  });
  return toBinary(ModelProtoSchema, model);
}
