import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/engine-error.ts';
import type { Outcome } from '../engine/outcome.ts';
import type { Decoded } from '../model/decode.ts';
import { encodePng } from '../model/encode-png.ts';
import type { Model } from '../model/load.ts';
import type { SensitivityMap } from '../numerics/jacobian/sensitivity-map.ts';
import type { Store } from '../store/store.ts';
import type { Admission } from './admission.ts';
import type { DecodeTurns } from './decode-turns.ts';
import { workOf } from './inputs.ts';
import { hashPixels, seedOf } from './measure-input.ts';
import { decodeAnswer } from './stored-answer.ts';

/** Largest D whose map shows every pixel: 1 + 2D forward passes. Larger images get blocks of pixels. */
const PIXEL_MAP_DIMENSION = 4096;
/** Forward passes that a map of blocks may cost. */
const MAP_PASSES = 2000;
const MAP_DEADLINE_MS = 60_000;
/** Under which name all maps together take turns in decoding; no caller has it. */
const ALL_MAPS = 'maps:';
/** Maps kept in memory; each is a few kilobytes and takes about a second to make again. */
const KEPT = 256;

/** Dark violet over orange to pale yellow, in steps of equal brightness, so that it also reads in gray. */
const COLOURS = [
  [8, 5, 30],
  [55, 15, 95],
  [110, 30, 110],
  [165, 45, 95],
  [215, 75, 60],
  [245, 130, 25],
  [250, 195, 60],
  [252, 250, 190],
] as const;

export interface MapDeps {
  readonly model: Model;
  readonly decode: (bytes: Uint8Array, signal: AbortSignal) => Promise<Decoded>;
  readonly turns: DecodeTurns;
  readonly engine: Engine;
  readonly store: Pick<Store, 'records' | 'images'>;
}

/** Pixels on the side of a block, so that a map stays within its passes. */
export function blockFor(model: Model): number {
  if (model.dimension <= PIXEL_MAP_DIMENSION) return 1;
  const { height, width } = model.shape;
  let block = 2;
  while (1 + 2 * Math.ceil(height / block) * Math.ceil(width / block) > MAP_PASSES) block++;
  return block;
}

/**
 * Makes the function from an item's id to the PNG of its sensitivity map, at the size of the model's input.
 */
export function createMaps(
  { model, decode, turns, engine, store }: MapDeps,
  admission: Admission,
): (id: string) => Promise<Uint8Array | null> {
  const kept = new Map<string, Promise<Uint8Array | null>>();

  const make = async (id: string): Promise<Uint8Array | null> => {
    const [stored, image] = await Promise.all([store.records.find(id), store.images.get(id)]);
    if (stored === null || image === null) return null;
    const { modelDigest } = stored.prediction;
    if (modelDigest !== model.digest) {
      throw new EngineError(
        'no_map',
        `${id} was made by model ${modelDigest}; this service serves ${model.digest}`,
      );
    }
    // What broke the engine before would break it again.
    if (decodeAnswer(stored.prediction).sensitivity === null)
      throw new EngineError('no_map', `the sensitivity of ${id} could not be measured`);
    const leave = admission.enter({ images: 1, measurementsEach: 1, deadlineMs: MAP_DEADLINE_MS });
    const outcome = await measureMap(image.bytes).finally(() => {
      leave();
    });
    if (outcome.result === null) {
      throw new EngineError(
        'engine_unavailable',
        `the map of ${id} could not be measured: ${outcome.failure}`,
      );
    }
    return drawMap(outcome.result, model.shape.width, model.shape.height);
  };

  const measureMap = async (bytes: Uint8Array): Promise<Outcome<SensitivityMap>> => {
    const late = AbortSignal.timeout(MAP_DEADLINE_MS);
    const done = await turns.take(ALL_MAPS, { ...workOf(bytes, model.manifest), cheap: false }, late);
    const { pixels } = await decode(bytes, late).finally(done);
    const seed = seedOf(hashPixels(pixels), model.digest);
    return engine.measure(pixels, { kind: 'map', seed, block: blockFor(model) }, MAP_DEADLINE_MS);
  };

  return (id) => {
    const known = kept.get(id);
    if (known) return known;
    const made = make(id);
    kept.set(id, made);
    if (kept.size > KEPT) kept.delete([...kept.keys()][0]!);
    made.then(
      (png) => {
        if (png === null) kept.delete(id);
      },
      () => kept.delete(id),
    );
    return made;
  };
}

/** PNG with the map's largest value brightest; zero is dark. */
export async function drawMap(map: SensitivityMap, width: number, height: number): Promise<Uint8Array> {
  const largest = map.values.reduce((a, b) => Math.max(a, b), 0);
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = map.values[Math.floor(y / map.block) * map.columns + Math.floor(x / map.block)]!;
      const place = (largest > 0 ? value / largest : 0) * (COLOURS.length - 1);
      const below = COLOURS[Math.floor(place)]!;
      const above = COLOURS[Math.min(COLOURS.length - 1, Math.floor(place) + 1)]!;
      const part = place - Math.floor(place);
      for (let c = 0; c < 3; c++)
        rgb[3 * (y * width + x) + c] = Math.round(below[c]! * (1 - part) + above[c]! * part);
    }
  }
  return encodePng(rgb, { height, width, channels: 3 });
}
