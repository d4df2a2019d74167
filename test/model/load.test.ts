import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/gradient/onnx/onnx_pb.js';
import { describeGraph } from '../../src/model/graph.ts';
import { loadModel } from '../../src/model/load.ts';
import { ModelError } from '../../src/model/model-error.ts';
import { openSession } from '../../src/model/session.ts';
import { buildGraph, grayManifest, textbookGraph, writeModel } from '../../support/onnx-graph.ts';
import { onnxOfIr11 } from '../../support/onnx-of-ir-11.ts';

const manifest = grayManifest(1, 3, ['first', 'second']);

async function refusal(folder: string): Promise<ModelError> {
  try {
    const model = await loadModel(folder);
    await openSession(model, { threads: 1 });
  } catch (error) {
    assert.ok(error instanceof ModelError, String(error));
    return error;
  }
  return assert.fail('it was accepted');
}

describe('loadModel', () => {
  it('says which file is missing', async () => {
    const folder = await writeModel(manifest, textbookGraph());
    await rm(join(folder, 'model.onnx'));
    const error = await refusal(folder);
    assert.equal(error.code, 'missing_file');
    assert.match(error.message, /model\.onnx/);
    assert.equal((await refusal('/nowhere')).code, 'missing_file');
  });

  it('names every wrong field of the manifest', async () => {
    const folder = await writeModel(
      { ...manifest, labels: ['one'], output: { name: 'z', values: 'odds' } },
      textbookGraph(),
    );
    const error = await refusal(folder);
    assert.equal(error.code, 'bad_manifest');
    assert.match(error.message, /labels/);
    assert.match(error.message, /output/);
  });

  it('names the text that no database could keep, wherever in the manifest it stands', async () => {
    const odd = ['a\0b', 'a\ud800', '\udc00a', '\0'];
    for (const text of odd) {
      const places: Record<string, object> = {
        'labels.1': { labels: ['first', text] },
        'output.name': { output: { ...manifest.output, name: text } },
        licence: { licence: text },
        [JSON.stringify(text.toWellFormed())]: { [text]: 1 },
      };
      for (const [place, change] of Object.entries(places)) {
        const error = await refusal(await writeModel({ ...manifest, ...change }, textbookGraph()));
        assert.equal(error.code, 'bad_manifest');
        assert.ok(
          error.message.includes(`model.json ${place}: expected well-formed text without NUL`),
          error.message,
        );
      }
    }
  });

  it('refuses a manifest that is not UTF-8, and takes one with a byte order mark', async () => {
    const folder = await writeModel(manifest, textbookGraph());
    const path = join(folder, 'model.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, Buffer.from(text.replace('first', 'caf\u00e9'), 'latin1'));
    assert.match((await refusal(folder)).message, /model\.json is not JSON: its bytes are not UTF-8/);
    await writeFile(path, `\ufeff${text}`);
    assert.equal((await loadModel(folder)).manifest.labels[0], 'first');
  });

  it('refuses as many means as the image has no channels', async () => {
    const folder = await writeModel(
      { ...manifest, input: { ...manifest.input, mean: [0, 0, 0] } },
      textbookGraph(),
    );
    assert.match((await refusal(folder)).message, /input\.mean has 3 numbers, expected 1/);
  });

  it('refuses a manifest whose shape is not the graph’s, and shows both', async () => {
    const folder = await writeModel(
      { ...manifest, input: { ...manifest.input, shape: ['n', 1, 2, 3] } },
      textbookGraph(),
    );
    const error = await refusal(folder);
    assert.equal(error.code, 'shape_mismatch');
    assert.match(error.message, /\["n",1,2,3\].*\["n",1,1,3\]/);
  });

  it('refuses an input or output that the graph does not have, and names those it has', async () => {
    const input = await refusal(
      await writeModel({ ...manifest, input: { ...manifest.input, name: 'pixels' } }, textbookGraph()),
    );
    assert.match(input.message, /no input "pixels"; its inputs: x/);
    const output = await refusal(
      await writeModel({ ...manifest, output: { name: 'y9', values: 'logits' } }, textbookGraph()),
    );
    assert.match(output.message, /no output "y9"; its outputs: z/);
  });

  it('refuses more labels than the output has numbers', async () => {
    const error = await refusal(await writeModel({ ...manifest, labels: ['a', 'b', 'c'] }, textbookGraph()));
    assert.equal(error.code, 'output_mismatch');
    assert.match(error.message, /3 labels.*2 numbers/);
  });

  it('refuses to take the output of a Softmax for logits', async () => {
    assert.match(
      (await refusal(await writeModel(manifest, textbookGraph('Softmax')))).message,
      /write "probabilities"/,
    );
  });

  it('refuses bytes that are no ONNX model', async () => {
    assert.equal(
      (await refusal(await writeModel(manifest, Buffer.from('not a model')))).code,
      'unreadable_graph',
    );
  });

  it('refuses a quantised graph, since it is a step function', async () => {
    const graph = buildGraph({
      input: { name: 'x', shape: ['n', 1, 1, 3] },
      outputs: [{ name: 'z', shape: ['n', 3] }],
      nodes: [
        { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 'scale', 'zero'] },
        { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['back'] },
        { op: 'Flatten', inputs: ['back'], outputs: ['z'], attributes: { axis: 1 } },
      ],
    });
    const error = await refusal(await writeModel(manifest, graph));
    assert.equal(error.code, 'quantised_graph');
    assert.match(error.message, /DynamicQuantizeLinear.*step function/);
  });
});

describe('the model digest', () => {
  const digestOf = async (changes: object, graph = textbookGraph()): Promise<string> =>
    (await loadModel(await writeModel({ ...manifest, ...changes }, graph))).digest;

  it('is the same for the same model in another folder', async () => {
    assert.equal(await digestOf({}), await digestOf({}));
  });

  it('changes with preprocessing, labels and bytes', async () => {
    const digests = await Promise.all([
      digestOf({}),
      digestOf({ input: { ...manifest.input, mean: [0.1] } }),
      digestOf({ labels: ['second', 'first'] }),
      digestOf({ output: { name: 'z', values: 'probabilities' } }, textbookGraph('Softmax')),
    ]);
    assert.equal(new Set(digests).size, digests.length);
  });

  it('stays when only the provenance is put right', async () => {
    assert.equal(await digestOf({ provenance: 'elsewhere' }), await digestOf({}));
  });
});

describe('openSession', () => {
  it('takes logits = log p where the graph gives probabilities by other means than Softmax', async () => {
    const graph = buildGraph({
      input: { name: 'x', shape: ['n', 1, 1, 2] },
      outputs: [{ name: 'z', shape: ['n', 2] }],
      nodes: [{ op: 'Flatten', inputs: ['x'], outputs: ['z'], attributes: { axis: 1 } }],
    });
    const two = grayManifest(1, 2, ['a', 'b']);
    const model = await loadModel(
      await writeModel({ ...two, output: { name: 'z', values: 'probabilities' } }, graph),
    );
    const session = await openSession(model, { threads: 1 });
    const logits = await session.classify(Float32Array.of(0.25, 0.75), 1);
    await session.release();
    assert.deepEqual([...logits], [Math.fround(Math.log(0.25)), Math.fround(Math.log(0.75))]);
  });

  it('runs a fixed batch of two in as many runs as five rows need', async () => {
    const graph = buildGraph({
      input: { name: 'x', shape: [2, 1, 1, 2] },
      outputs: [{ name: 'z', shape: [2, 2] }],
      nodes: [{ op: 'Flatten', inputs: ['x'], outputs: ['z'], attributes: { axis: 1 } }],
    });
    const two = grayManifest(1, 2, ['a', 'b']);
    const model = await loadModel(
      await writeModel({ ...two, input: { ...two.input, shape: [2, 1, 1, 2] } }, graph),
    );
    const session = await openSession(model, { threads: 1 });
    const rows = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const answer = await session.classify(rows, 5);
    await session.release();
    assert.deepEqual([...answer], [...rows]);
  });
});

describe('a model of version 11 of the format, with operators of version 23', () => {
  const served = { ...manifest, output: { name: 'p', values: 'probabilities' } };

  it('is described by its inputs, its outputs and what stands before its Softmax', () => {
    const graph = describeGraph(onnxOfIr11, 'model.onnx');
    assert.deepEqual(graph.inputs, [{ name: 'x', elementType: 1, shape: ['batch', 1, 1, 3] }]);
    assert.deepEqual(graph.outputs, ['p', 'twice']);
    assert.equal(graph.beforeSoftmax('p'), 'y');
    assert.equal(graph.beforeSoftmax('twice'), null);
  });

  it('is served: its logits are xW', async () => {
    const model = await loadModel(await writeModel(served, onnxOfIr11));
    const session = await openSession(model, { threads: 1 });
    const logits = await session.classify(Float32Array.of(1, 10, 100), 1);
    await session.release();
    assert.deepEqual([...logits], [201, -90]);
  });

  it('is refused where one of its functions quantises', async () => {
    const quantised = fromBinary(ModelProtoSchema, onnxOfIr11);
    quantised.functions[0]!.node[1]!.opType = 'QuantizeLinear';
    const error = await refusal(await writeModel(served, toBinary(ModelProtoSchema, quantised)));
    assert.equal(error.code, 'quantised_graph');
    assert.match(error.message, /QuantizeLinear/);
  });
});
