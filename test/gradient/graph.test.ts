import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gradientGraphOf } from '../../src/gradient/graph.ts';
import { openGradientSession } from '../../src/gradient/session.ts';
import { withOutput } from '../../src/model/graph.ts';
import { buildGraph, textbookGraph } from '../../support/onnx-graph.ts';
import {
  assertGradient,
  type Example,
  gradientOf,
  graphOf,
  normals,
  product,
  supported,
  weights,
} from './check.ts';

const reasonFor = async (onnx: Uint8Array, input = 'x', logits = 'z'): Promise<string> => {
  const answer = await gradientGraphOf(onnx, input, logits);
  assert.ok('unsupported' in answer, 'expected a graph without a gradient graph');
  return answer.unsupported;
};

const nodes = (...list: [op: string, inputs: string, output: string][]): Example['nodes'] =>
  list.map(([op, inputs, output]) => ({ op, inputs: inputs.split(' '), outputs: [output] }));

describe('the gradient graph', () => {
  it('gives Wᵀu, to the last bit, for z = Wx of whole numbers', async () => {
    const onnx = graphOf({
      shape: [3],
      constants: { w: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] } },
      nodes: nodes(['MatMul', 'x w', 'y']),
    });
    const gradient = await gradientOf(onnx, new Float32Array(6), Float32Array.of(1, 10, -1, 2), 2);
    assert.deepEqual([...gradient], [21, 43, 65, 3, 5, 7]);
  });

  it('gives rows of the Jacobian [[1, x3, x2], [0, 0, 2]] of the textbook map', async () => {
    const inputs = Float32Array.of(0.5, 3, 4, 0.5, 3, 4);
    const gradient = await gradientOf(textbookGraph(), inputs, Float32Array.of(1, 0, 0, 1), 2);
    assert.deepEqual([...gradient], [1, 4, 3, 0, 0, 2]);
  });

  it('adds up the paths of a value that several nodes read', () =>
    assertGradient({
      shape: [3, 4],
      nodes: nodes(
        ['Tanh', 'x', 'a'],
        ['Exp', 'a', 'b'],
        ['Mul', 'a b', 'c'],
        ['Sub', 'c x', 'd'],
        ['Mul', 'd a', 'y'],
      ),
    }));

  it('gives the gradient of equal maxima to the first', async () => {
    const onnx = graphOf({
      shape: [1, 2, 2],
      nodes: [{ op: 'MaxPool', inputs: ['x'], outputs: ['y'], attributes: { kernel_shape: [2, 2] } }],
    });
    const inputs = Float32Array.of(1, 7, 7, 7);
    assert.deepEqual([...(await gradientOf(onnx, inputs, Float32Array.of(5), 1))], [0, 5, 0, 0]);
  });

  it('gives the slope of the flat side at a kink', async () => {
    const onnx = graphOf({
      shape: [4],
      constants: { low: { shape: [], values: [-1] }, high: { shape: [], values: [6] } },
      nodes: nodes(['Clip', 'x low high', 'y']),
    });
    const inputs = Float32Array.of(-1, 5.9999995, 6, -0.99999994);
    assert.deepEqual([...(await gradientOf(onnx, inputs, Float32Array.of(2, 2, 2, 2), 1))], [0, 2, 0, 2]);
  });

  describe('that ignores ceilings', () => {
    const bounds = (low: number, high: number): NonNullable<Example['constants']> => ({
      one: { shape: [1, 1, 1, 1], values: [1] },
      low: { shape: [], values: [low] },
      high: { shape: [], values: [high] },
    });
    /** z = x by a convolution, clipped. */
    const clipped = (low: number, high: number): Uint8Array =>
      graphOf({
        shape: [1, 2, 2],
        constants: bounds(low, high),
        nodes: nodes(['Conv', 'x one', 'a'], ['Clip', 'a low high', 'y']),
      });
    const inputs = Float32Array.of(-3, -0.5, 0.5, 3);
    const slopes = async (onnx: Uint8Array): Promise<{ kept: number[]; ignored: number[] }> => {
      const ones = new Float32Array(4).fill(1);
      return {
        kept: [...(await gradientOf(onnx, inputs, ones, 1))],
        ignored: [...(await gradientOf(onnx, inputs, ones, 1, 'ignored'))],
      };
    };

    it('lets the gradient pass where a clipped ReLU of a picture is at its upper bound, not at its lower', async () => {
      const found = await slopes(clipped(0, 1));
      assert.deepEqual(found, { kept: [0, 0, 1, 0], ignored: [0, 0, 1, 1] });
    });

    it('keeps the bounds that are no ReLU’s, as those of a hard tanh', async () => {
      assert.deepEqual(await slopes(clipped(-1, 1)), { kept: [0, 1, 1, 0], ignored: [0, 1, 1, 0] });
    });

    it('keeps the bounds of single pixels', async () => {
      const identity = Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0));
      const onnx = graphOf({
        shape: [4, 1, 1],
        constants: { ...bounds(0, 1), one: { shape: [4, 4, 1, 1], values: identity } },
        nodes: nodes(['Conv', 'x one', 'a'], ['Clip', 'a low high', 'y']),
      });
      assert.deepEqual(await slopes(onnx), { kept: [0, 0, 1, 0], ignored: [0, 0, 1, 0] });
    });

    it('keeps the bounds of a factor, as in a hard swish written out', async () => {
      const onnx = graphOf({
        shape: [1, 2, 2],
        constants: { ...bounds(0, 1), half: { shape: [], values: [0.5] } },
        nodes: nodes(
          ['Conv', 'x one', 'a'],
          ['Add', 'a half', 'b'],
          ['Clip', 'b low high', 'c'],
          ['Mul', 'a c', 'y'],
        ),
      });
      assert.deepEqual(await slopes(onnx), { kept: [0, 0, 1, 1], ignored: [0, 0, 1, 1] });
    });
  });

  it('runs a graph of fixed batch as often as there are rows', async () => {
    const onnx = graphOf({
      shape: [2],
      batch: 2,
      constants: { w: { shape: [2, 2], values: [1, 2, 3, 4] } },
      nodes: nodes(['Exp', 'x', 'e'], ['MatMul', 'e w', 'y']),
    });
    const gradient = await gradientOf(onnx, new Float32Array(6), Float32Array.of(1, 0, 0, 1, 1, 1), 3);
    assert.deepEqual([...gradient], [1, 3, 2, 4, 3, 7]);
  });

  it('reads weights that nodes compute and sizes that the graph reads off its input', () =>
    assertGradient({
      shape: [8, 3, 3],
      constants: {
        flat: weights([2 * 8 * 2 * 2]),
        kernel: { shape: [4], values: [2, 8, 2, 2], type: 'int64' },
        first: { shape: [1], values: [0], type: 'int64' },
        rest: { shape: [1], values: [-1], type: 'int64' },
      },
      nodes: [
        ...nodes(
          ['Reshape', 'flat kernel', 'w'],
          ['Conv', 'x w', 'c'],
          ['Shape', 'c', 'sizes'],
          ['Gather', 'sizes first', 'rows'],
        ),
        { op: 'Concat', inputs: ['rows', 'rest'], outputs: ['target'], attributes: { axis: 0 } },
        ...nodes(['Reshape', 'c target', 'y']),
      ],
    }));

  it('leaves alone what comes after the logits', async () => {
    const onnx = buildGraph({
      input: { name: 'x', shape: ['n', 2] },
      outputs: [{ name: 'p', shape: ['n', 2] }],
      nodes: [...nodes(['Exp', 'x', 'z'], ['Sin', 'z', 'p'])],
    });
    assert.deepEqual([...(await gradientOf(onnx, Float32Array.of(0, 0), Float32Array.of(3, 4), 1))], [3, 4]);
  });

  it('reads a graph to which an output was appended', async () => {
    const onnx = withOutput(textbookGraph('Softmax'), 'y');
    const graph = await supported(onnx, 'x', 'y');
    const session = await openGradientSession(graph, { threads: 1 });
    const gradient = await session.gradient(Float32Array.of(0, 3, 4), Float32Array.of(1, 0), 1);
    await session.release();
    assert.deepEqual([...gradient], [1, 4, 3]);
  });

  it('keeps its names apart from those of the model', async () => {
    const onnx = graphOf({
      shape: [2],
      nodes: nodes(['Exp', 'x', 'gradient/cotangent'], ['Exp', 'gradient/cotangent', 'y']),
    });
    const gradient = await gradientOf(onnx, Float32Array.of(0, 0), Float32Array.of(1, 2), 1);
    assert.deepEqual([...gradient], [Math.fround(Math.E), Math.fround(2 * Math.E)]);
  });

  it('refuses arrays that are not as long as the rows say', async () => {
    const session = await openGradientSession(await supported(textbookGraph()), { threads: 1 });
    await assert.rejects(session.gradient(new Float32Array(3), new Float32Array(3), 1), {
      name: 'RangeError',
      message: 'expected 1 rows of 3 inputs and 2 cotangents, got 3 and 3 numbers',
    });
    await session.release();
  });
});

describe('a graph without a gradient graph gives the reason', () => {
  const row = (...list: Parameters<typeof nodes>): Uint8Array =>
    graphOf({ shape: [2, 2], nodes: nodes(...list) });

  it('an operator that has no rule', async () => {
    assert.equal(
      await reasonFor(row(['Exp', 'x', 'e'], ['Sin', 'e', 'y'])),
      'operator Sin has no gradient rule',
    );
  });

  it('weights that depend on the input', async () => {
    const onnx = graphOf({
      shape: [1, 2, 2],
      batch: 1,
      nodes: [{ op: 'Conv', inputs: ['x', 'x'], outputs: ['y'] }],
    });
    assert.match(await reasonFor(onnx), /^operator Conv has no gradient rule for weights that depend/);
  });

  it('rows that touch each other', async () => {
    const onnx = graphOf({
      shape: [2],
      nodes: [
        { op: 'ReduceMean', inputs: ['x'], outputs: ['m'], attributes: { axes: [0] } },
        ...nodes(['Sub', 'x m', 'y']),
      ],
    });
    assert.match(await reasonFor(onnx), /rows that do not touch each other/);
  });

  it('logits that do not depend on the input', async () => {
    assert.equal(
      await reasonFor(row(['Shape', 'x', 's'], ['ConstantOfShape', 's', 'y'])),
      'expected "z" to depend on "x", it does not',
    );
  });

  it('an input that is not there', async () => {
    assert.equal(await reasonFor(textbookGraph(), 'image'), 'expected an input "image", the graph has none');
  });

  it('sizes of the input that are open', async () => {
    const onnx = buildGraph({
      input: { name: 'x', shape: ['n', 1, 'h', 'w'] },
      outputs: [{ name: 'z', shape: ['n', 'classes'] }],
      nodes: nodes(['Flatten', 'x', 'z']),
    });
    assert.match(await reasonFor(onnx), /expected sizes of input "x" that are known but for the first/);
  });

  it('bytes that are no model', async () => {
    assert.match(await reasonFor(Buffer.from('no model')), /^expected an ONNX model|has none$/);
  });

  it('a graph that ONNX Runtime cannot run', async () => {
    assert.match(await reasonFor(row(['Add', 'x nothing', 'y'])), /^ONNX Runtime cannot run the graph/);
  });
});

describe('a row of the gradient', () => {
  /** A network with every kind of node whose cost ONNX Runtime might share between rows. */
  const network: Example = {
    shape: [1, 24, 24],
    constants: {
      w1: weights([16, 1, 3, 3], 1),
      w2: weights([24, 16, 3, 3], 2),
      w3: weights([24, 24, 3, 3], 3),
      w4: weights([24 * 9, 40], 4),
      w5: weights([40, 10], 5),
      w6: weights([16, 1, 3, 3], 6),
    },
    nodes: [
      { op: 'Conv', inputs: ['x', 'w1'], outputs: ['a'], attributes: { pads: [1, 1, 1, 1] } },
      ...nodes(['Sigmoid', 'a', 's'], ['Mul', 'a s', 'b']),
      {
        op: 'Conv',
        inputs: ['b', 'w6'],
        outputs: ['by channel'],
        attributes: { pads: [1, 1, 1, 1], strides: [2, 2], group: 16 },
      },
      {
        op: 'Conv',
        inputs: ['by channel', 'w2'],
        outputs: ['c'],
        attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
      },
      ...nodes(['Relu', 'c', 'd']),
      { op: 'Conv', inputs: ['d', 'w3'], outputs: ['e'], attributes: { pads: [1, 1, 1, 1] } },
      ...nodes(['Add', 'd e', 'f']),
      {
        op: 'AveragePool',
        inputs: ['f'],
        outputs: ['g'],
        attributes: { kernel_shape: [2, 2], strides: [1, 1] },
      },
      {
        op: 'MaxPool',
        inputs: ['g'],
        outputs: ['h'],
        attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 1] },
      },
      { op: 'Flatten', inputs: ['h'], outputs: ['flat'], attributes: { axis: 1 } },
      ...nodes(['MatMul', 'flat w4', 'hidden'], ['Tanh', 'hidden', 'bent'], ['Gemm', 'bent w5', 'y']),
    ],
  };

  it('is the same alone, among 7 and among 64, on one thread and on two, however they are divided', async () => {
    const graph = await supported(graphOf(network));
    const dimension = product(network.shape);
    const inputs = normals(64 * dimension, 1);
    const cotangents = normals(64 * 10, 2);
    const reference: Float32Array[] = [];
    const divisions = [{ threads: 1 }, { threads: 2 }, { threads: 1, rows: 1 }, { threads: 1, rows: 5 }];
    for (const division of divisions) {
      const session = await openGradientSession(graph, division);
      for (const size of [1, 7, 64]) {
        for (let row = 0; row + size <= 64; row += size) {
          const end = row + size;
          const gradient = await session.gradient(
            inputs.slice(row * dimension, end * dimension),
            cotangents.slice(row * 10, end * 10),
            size,
          );
          for (let i = row; i < end; i++) {
            const part = gradient.slice((i - row) * dimension, (i - row + 1) * dimension);
            reference[i] ??= part;
            assert.deepEqual(part, reference[i], `row ${i} among ${size}, ${JSON.stringify(division)}`);
          }
        }
      }
      await session.release();
    }
  });
});
