import type { Manifest } from './manifest.ts';
import { type InputTensor, pixelLayout, type Pixels } from './preprocess.ts';

/** The pixels nearest to a tensor of input values. */
export interface TensorPixels {
  readonly pixels: Pixels;
  /** Whether preprocessing makes that very tensor of them, but for rounding. */
  readonly exact: boolean;
}

/**
 * Of the distance between two neighbouring pixel values: more than any float32 arithmetic is off, far less
 * than half.
 */
const TOLERANCE = 1e-3;

/**
 * Makes a function from a tensor, (D) in input units, to the 8-bit pixels that it came from or that are
 * nearest to it.
 */
export function createTensorPixels(manifest: Manifest): (tensor: InputTensor) => TensorPixels {
  const { dimension, target, channelOf, tables } = pixelLayout(manifest);
  return (tensor) => {
    const pixels = new Uint8Array(dimension);
    let exact = true;
    for (let i = 0; i < dimension; i++) {
      const table = tables[channelOf[i]!]!;
      const value = tensor[target[i]!]!;
      const step = (table[255]! - table[0]!) / 255;
      const nearest = Math.min(255, Math.max(0, Math.round((value - table[0]!) / step)));
      pixels[i] = nearest;
      if (!(Math.abs(value - table[nearest]!) <= TOLERANCE * Math.abs(step))) exact = false;
    }
    return { pixels, exact };
  };
}
