import type { Engine } from '../../engine/engine.ts';
import { encodePng } from '../../model/encode-png.ts';
import type { Model } from '../../model/load.ts';
import type { Pixels } from '../../model/preprocess.ts';
import { blockFor, drawMap } from '../../prediction/sensitivity-map.ts';
import { hashPixels, seedOf } from '../../prediction/measure-input.ts';

/** PNG of decoded pixels, at the size of the model's input. */
export function drawPixels(pixels: Pixels, { shape }: Pick<Model, 'shape'>): Promise<Uint8Array> {
  return encodePng(pixels, shape);
}

/** PNG of the sensitivity map of decoded pixels; null where it cannot be measured. */
export async function mapPixels(engine: Engine, pixels: Pixels, model: Model): Promise<Uint8Array | null> {
  const seed = seedOf(hashPixels(pixels), model.digest);
  const { result } = await engine.measure(pixels, { kind: 'map', seed, block: blockFor(model) }, null);
  return result && drawMap(result, model.shape.width, model.shape.height);
}

/** A PNG for the source of an image element that is to need nothing else. */
export function dataUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}
