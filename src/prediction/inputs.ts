import { createHash } from 'node:crypto';
import { EngineError } from '../engine/engine-error.ts';
import type { ImageFile } from '../images/image-file.ts';
import type { Decoded } from '../model/decode.ts';
import { type DecodeWork, decodeWork } from '../model/decode-work.ts';
import { encodePng } from '../model/encode-png.ts';
import { ImageError } from '../model/image-error.ts';
import { readImageHeader } from '../model/image-header.ts';
import { imageTypeOf } from '../model/image-type.ts';
import type { Model } from '../model/load.ts';
import type { Manifest } from '../model/manifest.ts';
import type { InputTensor, Pixels } from '../model/preprocess.ts';
import { keepsInputSize } from '../model/resize.ts';
import { createTensorPixels } from '../model/tensor-pixels.ts';
import { cleanImage, type KeepImage } from './clean-image.ts';
import type { DecodeTurns } from './decode-turns.ts';
import { hashPixels } from './measure-input.ts';

/**
 * What is to be decided about: image files, or tensors of the classifier's input in its own units, D numbers
 * each.
 */
export type Inputs =
  | { readonly kind: 'images'; readonly images: readonly Uint8Array[] }
  | { readonly kind: 'tensors'; readonly tensors: readonly InputTensor[] };

/** One input as it is measured. */
export interface ReadInput {
  readonly data: Pixels | InputTensor;
  /**
   * SHA-256, hex: equal for equal inputs, whatever they came in. It seeds the directions of the measurement.
   */
  readonly inputHash: string;
  readonly decodeMs: number;
  /** Bytes that came in, as long as somebody may want the image. */
  readonly bytes: number;
  /** What is damaged about its file, in words; null where nothing is known to be. */
  readonly damage: string | null;
  /** Whether a person would look at the pixels that are measured, and not at more of them. */
  readonly isShownAsMeasured: boolean;
  /** What a person would look at. */
  readonly image: () => ImageFile | Promise<ImageFile>;
}

/** Inputs that are being read. */
export interface Reading {
  /** Rejects as soon as one cannot be read, or it takes too long. */
  readonly read: Promise<readonly ReadInput[]>;
  /**
   * Resolves when nothing is decoded any more, whatever came of it: until then it takes memory and a thread.
   */
  readonly settled: Promise<unknown>;
}

export type ReadInputs = (inputs: Inputs, caller: string, patienceMs: number) => Reading;

export interface ReadInputsDeps {
  readonly model: Model;
  /** Where the signal aborts, nobody waits for the pixels any more. */
  readonly decode: (bytes: Uint8Array, signal: AbortSignal) => Promise<Decoded>;
  /** What a person would look at of an image file; its pixels alone where absent. */
  readonly keepImage?: KeepImage;
  readonly turns: DecodeTurns;
}

/** Pixels that are decoded in some ten milliseconds. */
const SLOW_PIXELS = 1_000_000;

/** How many of the inputs are long in decoding, by their headers: they do not tell how long others stay. */
export function countSlow(inputs: Inputs, manifest: Manifest): number {
  if (inputs.kind === 'tensors') return 0;
  return inputs.images.filter((bytes) => workOf(bytes, manifest).pixels > SLOW_PIXELS).length;
}

/** What decoding an image takes, by its header. */
export function workOf(bytes: Uint8Array, manifest: Manifest): DecodeWork {
  return decodeWork(readImageHeader(bytes), bytes.length, manifest);
}

/** The inputs one by one, as bytes: what was asked for, in whichever form. */
export function bytesOf(inputs: Inputs): readonly Uint8Array[] {
  if (inputs.kind === 'images') return inputs.images;
  return inputs.tensors.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}

/**
 * Makes the function that reads all inputs of a request, so that a bad one leaves nothing behind.
 *
 * A tensor that preprocessing makes of 8-bit pixels is read as those pixels: it has the same answer as the
 * image that it came from. Any other is measured as it is, and a person sees the nearest pixels.
 *
 * @throws ImageError (from the returned function), and EngineError `engine_busy` where it takes longer than
 *   `patienceMs`
 */
export function createReadInputs(deps: ReadInputsDeps): ReadInputs {
  const { model, decode, turns, keepImage = cleanImage } = deps;
  const tensorPixels = createTensorPixels(model.manifest);

  const readImage = async (bytes: Uint8Array, caller: string, signal: AbortSignal): Promise<ReadInput> => {
    const began = performance.now();
    const done = await turns.take(caller, workOf(bytes, model.manifest), signal);
    const { pixels, damage } = await decode(bytes, signal).finally(done);
    const contentType = imageTypeOf(bytes) ?? 'application/octet-stream';
    return {
      data: pixels,
      inputHash: hashPixels(pixels),
      decodeMs: performance.now() - began,
      damage,
      bytes: bytes.length,
      isShownAsMeasured: keepsPixels(bytes, model),
      image: () => keepImage({ bytes, contentType }),
    };
  };

  const readTensor = (tensor: InputTensor): ReadInput => {
    if (tensor.length !== model.dimension || !tensor.every(Number.isFinite)) {
      throw new ImageError(
        'unreadable_image',
        `expected a tensor of ${model.dimension} finite numbers, got ${describeTensor(tensor)}`,
      );
    }
    const began = performance.now();
    const { pixels, exact } = tensorPixels(tensor);
    const data = exact ? pixels : tensor;
    return {
      data,
      inputHash: exact ? hashPixels(pixels) : hashTensor(tensor),
      decodeMs: performance.now() - began,
      damage: null,
      bytes: tensor.byteLength,
      isShownAsMeasured: exact,
      image: async () => ({ bytes: await encodePng(pixels, model.shape), contentType: 'image/png' }),
    };
  };

  return (inputs, caller, patienceMs) => {
    // Where the request fails, nothing of it that waits is begun any more.
    const given = new AbortController();
    const all =
      inputs.kind === 'images'
        ? inputs.images.map((bytes) => readImage(bytes, caller, given.signal))
        : inputs.tensors.map((one) => attempt(readTensor, one));
    const read = Promise.all(
      all.map((one, position) =>
        one.catch((error: unknown) => {
          if (error instanceof ImageError) throw new ImageError(error.code, error.message, position);
          throw error;
        }),
      ),
    );
    const within = untilLate(read, patienceMs).catch((error: unknown) => {
      given.abort(error);
      throw error;
    });
    return { read: within, settled: Promise.allSettled(all) };
  };
}

/**
 * Not the hash of any pixels: what is hashed begins with a text that no 8-bit image of this size begins with
 * by chance.
 */
function hashTensor(tensor: InputTensor): string {
  const bytes = new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength);
  return createHash('sha256').update('sensigate float32 tensor\0').update(bytes).digest('hex');
}

/** Whether the model takes the file's pixels as they lie: none is scaled or cropped away. */
function keepsPixels(bytes: Uint8Array, { manifest, shape }: Model): boolean {
  const header = readImageHeader(bytes);
  if (header === null || !keepsInputSize(manifest)) return false;
  return header.width === shape.width && header.height === shape.height;
}

async function attempt<A, B>(work: (a: A) => B, a: A): Promise<B> {
  return Promise.resolve(work(a));
}

/** @throws EngineError `engine_busy` where `work` is not done in time; what it comes to then is dropped */
async function untilLate<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => {
      late.reject(
        new EngineError(
          'engine_busy',
          'expected the images to be decoded within the deadline; the machine is busy, or they take too ' +
            'much work. Come again in a second, with smaller images',
        ),
      );
    },
    Math.max(1, patienceMs),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function describeTensor(tensor: InputTensor): string {
  const odd = tensor.find((value) => !Number.isFinite(value));
  return `${tensor.length} numbers${odd === undefined ? '' : `, ${odd} among them`}`;
}
