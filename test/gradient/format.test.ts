import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from '../../src/gradient/onnx/onnx_pb.js';
import { onnxOfIr11 } from '../../support/onnx-of-ir-11.ts';
import { textbookGraph } from '../../support/onnx-graph.ts';
import { gradientOf, supported } from './check.ts';

/** A field that no version of the format has, with a text. */
const fromTheFuture = (text: string) => {
  const bytes = Buffer.from(text);
  return {
    no: 9000,
    wireType: WireType.LengthDelimited,
    data: Uint8Array.of(bytes.length, ...bytes),
  } as const;
};

const textsIn = ({ $unknown = [] }: Pick<NodeProto, '$unknown'>): readonly string[] =>
  $unknown.map(({ data }) => Buffer.from(data.subarray(1)).toString());

describe('a model in a newer format than the one known here', () => {
  it('is written again to the last bit', () => {
    const read = fromBinary(ModelProtoSchema, onnxOfIr11);
    assert.equal(read.irVersion, 11n);
    assert.deepEqual(Buffer.from(toBinary(ModelProtoSchema, read)), Buffer.from(onnxOfIr11));
  });

  it('keeps what its nodes and functions have besides in its gradient graph', async () => {
    const graph = fromBinary(ModelProtoSchema, (await supported(onnxOfIr11, 'x', 'y')).onnx);
    assert.equal(graph.irVersion, 11n);
    const product = graph.graph!.node.find(({ name, opType }) => opType === 'MatMul' && name === '')!;
    assert.deepEqual(
      product.metadataProps.map(({ key, value }) => [key, value]),
      [['exporter', 'says where this node comes from']],
    );
    assert.deepEqual(
      product.deviceConfigurations.map(({ configurationId, pipelineStage }) => [
        configurationId,
        pipelineStage,
      ]),
      [['two-devices', 1]],
    );
    assert.deepEqual(
      graph.configuration.map(({ name, numDevices }) => [name, numDevices]),
      [['two-devices', 2]],
    );
    const [scale] = graph.functions;
    assert.equal(scale!.overload, 'float');
    assert.deepEqual(
      scale!.attributeProto.map(({ name, f }) => [name, f]),
      [['factor', 2]],
    );
  });

  it('keeps fields that nobody knows yet, and computes what it did without them', async () => {
    const model = fromBinary(ModelProtoSchema, textbookGraph());
    const node = model.graph!.node[1]!;
    node.$unknown = [fromTheFuture('a node')];
    model.graph!.initializer[0]!.$unknown = [fromTheFuture('a weight')];
    const onnx = toBinary(ModelProtoSchema, model);

    const written = fromBinary(ModelProtoSchema, (await supported(onnx)).onnx).graph!;
    const same = written.node.find(({ output }) => output[0] === node.output[0])!;
    assert.deepEqual(textsIn(same), ['a node']);
    assert.deepEqual(written.initializer.map(textsIn).flat(), ['a weight']);
    const inputs = Float32Array.of(0.5, 3, 4);
    const u = Float32Array.of(1, 0);
    assert.deepEqual([...(await gradientOf(onnx, inputs, u, 1))], [1, 4, 3]);
  });
});

describe('integers of 64 bits', () => {
  it('are exact beyond what a double holds', () => {
    const largest = 2n ** 63n - 1n;
    const node = create(NodeProtoSchema, { attribute: [{ name: 'ends', ints: [largest, -largest - 1n] }] });
    const [read] = fromBinary(NodeProtoSchema, toBinary(NodeProtoSchema, node)).attribute;
    assert.deepEqual(read!.ints, [largest, -largest - 1n]);
  });

  it('are read as protobuf writes them: −1 in ten bytes', () => {
    const bytes = Uint8Array.of(3 << 3, ...Array<number>(9).fill(255), 1);
    assert.equal(fromBinary(AttributeProtoSchema, bytes).i, -1n);
  });
});
