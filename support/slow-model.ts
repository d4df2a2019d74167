import { createUniform } from '../src/numerics/random.ts';
import { buildGraph, grayManifest, writeModel, type GraphNode } from './onnx-graph.ts';

const CHANNELS = 64;

/**
 * A folder with a classifier of gray 28 × 28 images into `labels` that takes long: `layers` convolutions of
 * 64 channels, 58 MFLOP each. Its weights are random, so its answers mean nothing.
 */
export function writeSlowModel(labels: readonly string[], layers: number): Promise<string> {
  const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
  const tensor = (shape: readonly number[], inputs: number) => ({
    shape,
    values: Array.from(
      { length: shape.reduce((a, b) => a * b) },
      () => (uniform() - 0.5) * Math.sqrt(24 / inputs),
    ),
  });
  const convolution = (from: string, weights: string, to: string): GraphNode[] => [
    { op: 'Conv', inputs: [from, weights], outputs: [`${to}c`], attributes: { pads: [1, 1, 1, 1] } },
    { op: 'Relu', inputs: [`${to}c`], outputs: [to] },
  ];
  const graph = buildGraph({
    input: { name: 'x', shape: ['n', 1, 28, 28] },
    outputs: [{ name: 'z', shape: ['n', labels.length] }],
    constants: {
      first: tensor([CHANNELS, 1, 3, 3], 9),
      again: tensor([CHANNELS, CHANNELS, 3, 3], 9 * CHANNELS),
      last: tensor([CHANNELS, labels.length], CHANNELS),
    },
    nodes: [
      ...convolution('x', 'first', 'a0'),
      ...Array.from({ length: layers }, (_, i) => convolution(`a${i}`, 'again', `a${i + 1}`)).flat(),
      { op: 'GlobalAveragePool', inputs: [`a${layers}`], outputs: ['pooled'] },
      { op: 'Flatten', inputs: ['pooled'], outputs: ['flat'], attributes: { axis: 1 } },
      { op: 'MatMul', inputs: ['flat', 'last'], outputs: ['z'] },
    ],
  });
  return writeModel(grayManifest(28, 28, labels), graph);
}
