import { coordinate, dimensionOf } from '../numerics/jacobian/image-shape.ts';
import type { Input } from '../numerics/jacobian/probes.ts';
import { imageShape, type Manifest } from './manifest.ts';

/** Decoded pixels as every model sees them before its own scaling: 8 bit, row-major, gray or RGB interleaved. */
export type Pixels = Uint8Array;

/** Makes a function from pixels to the classifier's input, (x·scale − mean)/std in the graph's layout and channel order. */
export function createPreprocess(manifest: Manifest): (pixels: Pixels) => Input {
  const shape = imageShape(manifest);
  const { scale, mean, std, channels: order } = manifest.input;
  const dimension = dimensionOf(shape);

  // Where each interleaved pixel value goes, and what happens to it there.
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
  return (pixels) => {
    if (pixels.length !== dimension) {
      throw new RangeError(`expected ${dimension} pixel values, got ${pixels.length}`);
    }
    const values = new Float32Array(dimension);
    for (let i = 0; i < dimension; i++) values[target[i]!] = tables[channelOf[i]!]![pixels[i]!]!;
    return { values, unitsPerIntensity };
  };
}
