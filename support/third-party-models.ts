import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel, type Model } from '../src/model/load.ts';
import { sharedData } from './shared-data.ts';

const common = { version: '1', licence: 'see the model zoo', provenance: 'ONNX model zoo' };

const imagenet = {
  shape: ['n', 3, 224, 224],
  layout: 'NCHW',
  resize: { rule: 'short_side', length: 256, kernel: 'linear' },
} as const;

/**
 * Where each network lies in the shared data, and the manifest with which it is served; without labels
 * ImageNet's.
 */
const networks = {
  /** RGB, logits. */
  mobilenetv2: {
    onnx: 'imagenet/mobilenetv2.onnx',
    mirror_keeps_label: true,
    input: {
      ...imagenet,
      name: 'input',
      channels: 'rgb',
      scale: 1 / 255,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    output: { name: 'output', values: 'logits' },
  },
  /** BGR with means subtracted, probabilities. */
  squeezenet: {
    onnx: 'imagenet/squeezenet1.1.onnx',
    mirror_keeps_label: true,
    input: {
      ...imagenet,
      name: 'data_0',
      channels: 'bgr',
      scale: 1,
      mean: [104, 117, 123],
      std: [1, 1, 1],
    },
    output: { name: 'softmaxout_1', values: 'probabilities' },
  },
  /** Gray, a batch fixed at one. */
  'mnist-8': {
    onnx: 'onnx/mnist-8.onnx',
    labels: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    input: {
      name: 'Input3',
      shape: [1, 1, 28, 28],
      layout: 'NCHW',
      channels: 'gray',
      scale: 1,
      mean: [0],
      std: [1],
    },
    output: { name: 'Plus214_Output_0', values: 'logits' },
  },
  /** CIFAR-10, 32 × 32; has both logits and probabilities. */
  resnet8: {
    onnx: 'onnx/derived_cifar10_resnet8_fp32_from_mlperf_tiny_h5.onnx',
    labels: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    mirror_keeps_label: true,
    input: {
      name: 'input_1',
      shape: ['n', 3, 32, 32],
      layout: 'NCHW',
      channels: 'rgb',
      scale: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    },
    output: { name: 'probs', values: 'probabilities' },
  },
} as const;

/**
 * A third-party model, loaded from a folder of its own as an operator would write it.
 *
 * @throws Error where the shared data is not beside this checkout; see `sharedData`.
 */
export async function loadThirdParty(name: keyof typeof networks): Promise<Model> {
  if (sharedData === null) throw new Error(`expected ../shared/data beside this checkout, with ${name}`);
  const { onnx, ...rest } = networks[name];
  const folder = await mkdtemp(join(tmpdir(), `sensigate-${name}-`));
  await copyFile(join(sharedData, onnx), join(folder, 'model.onnx'));
  const labels = 'labels' in rest ? rest.labels : await imagenetLabels(sharedData);
  await writeFile(join(folder, 'model.json'), JSON.stringify({ ...common, name, ...rest, labels }));
  return loadModel(folder);
}

async function imagenetLabels(folder: string): Promise<string[]> {
  const synset = await readFile(join(folder, 'imagenet/synset.txt'), 'utf8');
  // Two classes are both called "crane" and two "maillot": the WordNet id keeps labels apart.
  return synset.trim().split('\n');
}
