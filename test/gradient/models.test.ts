import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openGradientSession } from '../../src/gradient/session.ts';
import { loadModel, type Model } from '../../src/model/load.ts';
import { needsSharedData } from '../../support/shared-data.ts';
import { loadThirdParty } from '../../support/third-party-models.ts';
import { normals, runnerOf, supported } from './check.ts';

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Half the distance of the two points of a difference, in standard deviations of the input. */
const STEP = 0.01;

/**
 * Bounds on |uᵀ(z(x+hv) − z(x−hv))/2h − g·v| against ‖g‖, ‖v‖ = 1. Along g itself a hundredth: every ReLU
 * that changes sides within the step bends the line. Along a random v, where g·v is about ‖g‖/√D, what
 * float32 leaves of the difference of two logits.
 */
const ALONG_GRADIENT = 1e-2;
const ALONG_RANDOM = 3e-4;

/** Checks g = J_zᵀu for random inputs of standard deviation `scale`, along g and along random directions. */
async function assertGradients(model: Model, scale: number): Promise<void> {
  const { dimension, classes } = model;
  const { name, shape } = model.manifest.input;
  const rows = 2;
  const graph = await supported(model.onnx, name, model.output.name);
  const session = await openGradientSession(graph, { threads: 2 });
  const run = await runnerOf(model.onnx, shape.slice(1).map(Number), name, model.output.name);
  const inputs = normals(rows * dimension, 3).map((value) => value * scale);
  const cotangents = normals(rows * classes, 4);
  const gradients = await session.gradient(inputs, cotangents, rows);
  await session.release();

  for (let row = 0; row < rows; row++) {
    const x = inputs.subarray(row * dimension, (row + 1) * dimension);
    const u = cotangents.subarray(row * classes, (row + 1) * classes);
    const g = gradients.subarray(row * dimension, (row + 1) * dimension);
    const norm = Math.sqrt(dot(g, g));
    assert.ok(norm > 0);
    const directions = [
      { direction: g, bound: ALONG_GRADIENT },
      { direction: normals(dimension, 5 + row), bound: ALONG_RANDOM },
      { direction: normals(dimension, 50 + row), bound: ALONG_RANDOM },
    ];
    for (const { direction, bound } of directions) {
      const length = Math.sqrt(dot(direction, direction));
      const v = direction.map((value) => value / length);
      const at = async (sign: number): Promise<number> =>
        dot(
          await run(
            x.map((value, i) => value + sign * STEP * scale * v[i]!),
            1,
          ),
          u,
        );
      const difference = ((await at(1)) - (await at(-1))) / (2 * STEP * scale);
      const error = Math.abs(difference - dot(g, v)) / norm;
      assert.ok(
        error < bound,
        `uᵀJv = ${difference}, g·v = ${dot(g, v)}, ‖g‖ = ${norm}, error ${error} of it`,
      );
    }
  }
}

describe('gradients of the shipped models satisfy uᵀJv = g·v', () => {
  const models = fileURLToPath(new URL('../../models', import.meta.url));
  for (const name of ['fashion-mnist', 'mnist']) {
    it(name, async () => assertGradients(await loadModel(join(models, name)), 1));
  }
});

describe('the direction that the engine takes', needsSharedData, () => {
  it('is nearly that of the exact gradient, though it ignores the ceilings of MobileNetV2', async () => {
    const { onnx, manifest, output, dimension, classes } = await loadThirdParty('mobilenetv2');
    const inputs = normals(dimension, 3);
    const cotangents = normals(classes, 4);
    const [exact, taken] = await Promise.all(
      (['kept', 'ignored'] as const).map(async (ceilings) => {
        const graph = await supported(onnx, manifest.input.name, output.name, ceilings);
        const session = await openGradientSession(graph, { threads: 1 });
        const gradient = await session.gradient(inputs, cotangents, 1);
        await session.release();
        return gradient;
      }),
    );
    const cosine = dot(exact!, taken!) / Math.sqrt(dot(exact!, exact!) * dot(taken!, taken!));
    assert.ok(cosine > 0.95 && cosine < 1, `a cosine of ${cosine}`);
  });
});

describe('gradients of third-party models satisfy uᵀJv = g·v', needsSharedData, () => {
  it('MobileNetV2: convolutions by channel, clipped', async () =>
    assertGradients(await loadThirdParty('mobilenetv2'), 1));
  it('SqueezeNet 1.1: overlapping maxima, joined channels, before its Softmax', async () =>
    assertGradients(await loadThirdParty('squeezenet'), 50));
  it('mnist-8: a batch fixed at one, padded to the same size', async () =>
    assertGradients(await loadThirdParty('mnist-8'), 100));
  it('ResNet-8: normalised, with shortcuts', async () =>
    assertGradients(await loadThirdParty('resnet8'), 60));
});
