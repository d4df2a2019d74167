import { coordinate, dimensionOf } from '../numerics/jacobian/image-shape.ts';
import type { Input } from '../numerics/jacobian/probes.ts';
import { imageShape, type Manifest } from './manifest.ts';

/**
 * Decoded pixels as every model sees them before its own scaling: 8 bit, row-major, gray or RGB interleaved.
 */
export type Pixels = Uint8Array;

/**
 * The classifier's input as numbers in its own units, (D) in the graph's layout: what preprocessing makes of
 * pixels.
 */
export type InputTensor = Float32Array;

/** Where pixel values lie in the input, and what preprocessing makes of each of their 256 values. */
export interface PixelLayout {
  readonly dimension: number;
  /** Of each interleaved pixel value: its coordinate in the input, and its channel there. */
  readonly target: Uint32Array;
  readonly channelOf: Uint8Array;
  /** Input units that one unit of pixel intensity is, by coordinate. */
  readonly unitsPerIntensity: Float32Array;
  /** By channel: (value·scale − mean)/std of the values 0 to 255. */
  readonly tables: readonly Float32Array[];
}

export function pixelLayout(manifest: Manifest): PixelLayout {
  const shape = imageShape(manifest);
  const { scale, mean, std, channels: order } = manifest.input;
  const dimension = dimensionOf(shape);
  const target = new Uint32Array(dimension);
  const channelOf = new Uint8Array(dimension);
  const unitsPerIntensity = new Float32Array(dimension);
  let source = 0;
  for (let row = 0; row < shape.height; row++) {
    for (let column = 0; column < shape.width; column++) {
      for (let c = 0; c < shape.channels; c++, source++) {
        const channel = order === 'bgr' ? 2 - c : c;
        const index = coordinate(shape, row, column, channel);
        target[source] = index;
        channelOf[source] = channel;
        unitsPerIntensity[index] = (255 * scale) / std[channel]!;
      }
    }
  }
  const tables = mean.map((m, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value * scale - m) / std[channel]!),
  );
  return { dimension, target, channelOf, unitsPerIntensity, tables };
}

/**
 * Makes a function to the picture's intensities, 0 to 1 for 8-bit pixels, D numbers in the order of the
 * classifier's input: of pixels, and of a tensor as preprocessing would have made it of them.
 */
export function createIntensities(manifest: Manifest): (data: Pixels | InputTensor) => Float32Array {
  const { dimension, target, channelOf, unitsPerIntensity, tables } = pixelLayout(manifest);
  return (data) => {
    const intensities = new Float32Array(dimension);
    for (let i = 0; i < dimension; i++) {
      const at = target[i]!;
      intensities[at] =
        data instanceof Float32Array
          ? (data[at]! - tables[channelOf[i]!]![0]!) / unitsPerIntensity[at]!
          : data[i]! / 255;
    }
    return intensities;
  };
}

/**
 * Makes a function to the classifier's input: of pixels, (x·scale − mean)/std in the graph's layout and
 * channel order; a tensor is taken as it is.
 *
 * @throws RangeError (from the returned function) if there are not D numbers
 */
export function createPreprocess(manifest: Manifest): (data: Pixels | InputTensor) => Input {
  const { dimension, target, channelOf, unitsPerIntensity, tables } = pixelLayout(manifest);
  return (data) => {
    if (data.length !== dimension) {
      const what = data instanceof Float32Array ? 'numbers of a tensor' : 'pixel values';
      throw new RangeError(`expected ${dimension} ${what}, got ${data.length}`);
    }
    if (data instanceof Float32Array) return { values: data, unitsPerIntensity };
    const values = new Float32Array(dimension);
    for (let i = 0; i < dimension; i++) values[target[i]!] = tables[channelOf[i]!]![data[i]!]!;
    return { values, unitsPerIntensity };
  };
}
