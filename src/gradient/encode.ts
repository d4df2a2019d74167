import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import type { Forward } from './forward.ts';

/** From this version of the format on, a weight that is not also an input is constant, so that what it alone makes is computed once. */
const CONSTANT_WEIGHTS = 4;

/** What a new model has besides the nodes and weights of `forward`; its inputs and outputs are all of them. */
export interface Addition {
  readonly nodes: readonly Onnx.INodeProto[];
  readonly initializers: readonly Onnx.ITensorProto[];
  readonly inputs: readonly Onnx.IValueInfoProto[];
  readonly outputs: readonly Onnx.IValueInfoProto[];
}

/** The bytes of a model that computes the logits of `forward` and then `addition`, and gives only the latter's outputs. */
export function encodeModel(forward: Forward, addition: Addition): Uint8Array {
  return onnxProto.onnx.ModelProto.encode({
    irVersion: Math.max(CONSTANT_WEIGHTS, Number(forward.model.irVersion ?? 0)),
    opsetImport: forward.model.opsetImport ?? [],
    functions: forward.model.functions ?? [],
    graph: {
      name: 'gradient',
      node: [...forward.nodes.map(({ proto }) => proto), ...addition.nodes],
      initializer: [...forward.initializers, ...addition.initializers],
      input: [...addition.inputs],
      output: [...addition.outputs],
    },
  }).finish();
}
