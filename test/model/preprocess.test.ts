import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Manifest } from '../../src/model/manifest.ts';
import { createPreprocess } from '../../src/model/preprocess.ts';
import { grayManifest } from '../../support/onnx-graph.ts';

const base = grayManifest(1, 2, ['a', 'b']);
// Two pixels, (10, 20, 30) and (40, 50, 60).
const pixels = Uint8Array.of(10, 20, 30, 40, 50, 60);

function prepared(input: Partial<Manifest['input']>): { values: number[]; units: number[] } {
  const { values, unitsPerIntensity } = createPreprocess({ ...base, input: { ...base.input, ...input } })(
    pixels,
  );
  return { values: [...values], units: [...unitsPerIntensity] };
}
const raw = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };

describe('createPreprocess', () => {
  it('lays RGB out in planes for NCHW', () => {
    assert.deepEqual(
      prepared({ ...raw, channels: 'rgb', shape: ['n', 3, 1, 2] }).values,
      [10, 40, 20, 50, 30, 60],
    );
  });

  it('keeps RGB interleaved for NHWC', () => {
    const { values } = prepared({ ...raw, channels: 'rgb', layout: 'NHWC', shape: ['n', 1, 2, 3] });
    assert.deepEqual(values, [10, 20, 30, 40, 50, 60]);
  });

  it('puts blue first for BGR, and means in that order', () => {
    const { values } = prepared({
      scale: 1,
      mean: [1, 2, 3],
      std: [1, 1, 1],
      channels: 'bgr',
      shape: ['n', 3, 1, 2],
    });
    assert.deepEqual(values, [29, 59, 18, 48, 7, 37]);
  });

  it('says how many input units one unit of intensity is, 255·scale/std for each channel', () => {
    const { units } = prepared({
      scale: 1 / 255,
      mean: [0, 0, 0],
      std: [0.5, 0.25, 0.125],
      channels: 'rgb',
      shape: ['n', 3, 1, 2],
    });
    assert.deepEqual(units, [2, 2, 4, 4, 8, 8]);
  });

  it('refuses another number of pixels', () => {
    assert.throws(() => createPreprocess(base)(pixels), /expected 2 pixel values, got 6/);
  });
});
