import { fromBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx/onnx_pb.js';
import { UnsupportedError } from './unsupported.ts';

/** Operators whose answer does not depend on the values of their inputs. */
const SHAPE_READING = new Set(['Shape', 'Size']);

/** A node of the model's graph. An omitted optional input or output has the name ''. */
export interface ForwardNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeProto>>;
  readonly proto: NodeProto;
}

/** The part of a model that computes its logits. */
export interface Forward {
  /** Only nodes that the logits need, in an order in which they can be computed. */
  readonly nodes: readonly ForwardNode[];
  readonly initializers: readonly TensorProto[];
  readonly input: ValueInfoProto;
  readonly logitsName: string;
  /** Names of values through which the logits depend on the input. */
  readonly active: ReadonlySet<string>;
  /** Version of the standard operators. */
  readonly opset: number;
  readonly model: ModelProto;
}

/** @throws UnsupportedError if it cannot be read, or if there is no path from the input to the logits. */
export function readForward(bytes: Uint8Array, inputName: string, logitsName: string): Forward {
  let model: ModelProto;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    throw new UnsupportedError(`expected an ONNX model: ${(error as Error).message}`);
  }
  const graph = model.graph;
  const input = graph?.input.find(({ name }) => name === inputName);
  if (!graph || !input) throw new UnsupportedError(`expected an input "${inputName}", the graph has none`);

  const nodes = nodesFor(logitsName, graph.node.map(forwardNode));
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const active = reachableFrom(inputName, nodes);
  if (!active.has(logitsName)) {
    throw new UnsupportedError(`expected "${logitsName}" to depend on "${inputName}", it does not`);
  }
  return {
    nodes,
    initializers: graph.initializer.filter(({ name }) => read.has(name)),
    input,
    logitsName,
    active,
    opset: Number(model.opsetImport.find(({ domain }) => !domain)?.version ?? 1),
    model,
  };
}

function forwardNode(proto: NodeProto): ForwardNode {
  return {
    op: proto.domain && proto.domain !== 'ai.onnx' ? `${proto.domain}.${proto.opType}` : proto.opType,
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(proto.attribute.map((attribute) => [attribute.name, attribute] as const)),
    proto,
  };
}

function nodesFor(logitsName: string, nodes: readonly ForwardNode[]): ForwardNode[] {
  const wanted = new Set([logitsName]);
  const kept: ForwardNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== '' && wanted.has(name))) continue;
    for (const name of node.inputs) wanted.add(name);
    kept.push(node);
  }
  return kept.reverse();
}

function reachableFrom(inputName: string, nodes: readonly ForwardNode[]): Set<string> {
  const active = new Set([inputName]);
  for (const node of nodes) {
    // Only first outputs: the others (Dropout's mask, MaxPool's indices) are no differentiable functions.
    if (isActive(node, active) && node.outputs[0] !== undefined) active.add(node.outputs[0]);
  }
  return active;
}

/** Whether the first output of `node` depends on the values of the input. */
export function isActive(node: ForwardNode, active: ReadonlySet<string>): boolean {
  return !SHAPE_READING.has(node.op) && node.inputs.some((name) => active.has(name));
}
