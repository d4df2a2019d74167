import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dimensionOf, type ImageShape } from '../numerics/jacobian/image-shape.ts';
import { modelDigest } from './digest.ts';
import { describeGraph, type GraphDescription, withOutput } from './graph.ts';
import { imageShape, type Manifest, readManifest } from './manifest.ts';
import { ModelError } from './model-error.ts';

/** A model folder, read and checked. */
export interface Model {
  readonly folder: string;
  readonly manifest: Manifest;
  /** `sha256:…`, see `modelDigest`. */
  readonly digest: string;
  readonly shape: ImageShape;
  /** D */
  readonly dimension: number;
  /** C */
  readonly classes: number;
  /**
   * The graph as it is to be run, with the tensor before the softmax among its outputs where that had to be
   * added.
   */
  readonly onnx: Uint8Array;
  /** The output to fetch, and how logits come from it. */
  readonly output: { readonly name: string; readonly logits: 'as_is' | 'logarithm' };
  /** Rows that the graph takes in one run; null where the batch is free. */
  readonly fixedBatch: number | null;
}

/**
 * Reads `model.json` and `model.onnx` in `folder`.
 *
 * @throws ModelError
 */
export async function loadModel(folder: string): Promise<Model> {
  const manifest = await readManifest(join(folder, 'model.json'));
  const path = join(folder, 'model.onnx');
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new ModelError('missing_file', `expected a model at ${path}: ${(error as Error).message}`);
  }
  const graph = describeGraph(bytes, path);
  refuseQuantised(graph, path);
  const fixedBatch = checkInput(graph, manifest, path);
  const shape = imageShape(manifest);
  return {
    folder,
    manifest,
    digest: modelDigest(bytes, manifest),
    shape,
    dimension: dimensionOf(shape),
    classes: manifest.labels.length,
    fixedBatch,
    ...chooseOutput(graph, manifest, bytes, path),
  };
}

function refuseQuantised(graph: GraphDescription, path: string): void {
  if (graph.quantisingOperators.length === 0) return;
  throw new ModelError(
    'quantised_graph',
    `${path} is quantised (${graph.quantisingOperators.join(', ')}): its answer is a step function of ` +
      'the input, which has no sensitivity. Serve the float32 model that it was made from.',
  );
}

/** @returns The fixed batch size, or null. */
function checkInput(graph: GraphDescription, manifest: Manifest, path: string): number | null {
  const input = graph.inputs.find(({ name }) => name === manifest.input.name);
  if (!input) {
    const names = graph.inputs.map(({ name }) => name).join(', ');
    throw new ModelError(
      'shape_mismatch',
      `${path} has no input "${manifest.input.name}"; its inputs: ${names}`,
    );
  }
  if (input.elementType !== 1) {
    throw new ModelError(
      'shape_mismatch',
      `${path}: expected input "${input.name}" to be float32 (element type 1), got element type ` +
        `${input.elementType}`,
    );
  }
  const fits =
    input.shape.length === 4 &&
    input.shape.slice(1).every((size, i) => typeof size === 'string' || size === manifest.input.shape[i + 1]);
  if (!fits) {
    throw new ModelError(
      'shape_mismatch',
      `model.json says input "${input.name}" has shape ${JSON.stringify(manifest.input.shape)}, ` +
        `but ${path} declares ${JSON.stringify(input.shape)}`,
    );
  }
  const batch = input.shape[0];
  return typeof batch === 'number' ? batch : null;
}

function chooseOutput(
  graph: GraphDescription,
  manifest: Manifest,
  bytes: Uint8Array,
  path: string,
): Pick<Model, 'onnx' | 'output'> {
  const { name, values } = manifest.output;
  if (!graph.outputs.includes(name)) {
    const names = graph.outputs.join(', ');
    throw new ModelError('output_mismatch', `${path} has no output "${name}"; its outputs: ${names}`);
  }
  const before = graph.beforeSoftmax(name);
  if (values === 'logits') {
    if (before !== null) {
      throw new ModelError(
        'output_mismatch',
        `model.json says output "${name}" holds logits, but ${path} computes it by Softmax: write ` +
          `"probabilities"`,
      );
    }
    return { onnx: bytes, output: { name, logits: 'as_is' } };
  }
  if (before === null) return { onnx: bytes, output: { name, logits: 'logarithm' } };
  const onnx = graph.outputs.includes(before) ? bytes : withOutput(bytes, before);
  return { onnx, output: { name: before, logits: 'as_is' } };
}
