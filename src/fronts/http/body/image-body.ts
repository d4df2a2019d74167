import type { Request, Response } from 'express';
import type { PlainText } from '../../../plain-text.ts';
import type { Limits } from './limits.ts';
import { readMultipart } from './multipart.ts';
import { jsonReader } from './json-body.ts';
import { jsonImage } from '../../../wire/prediction-requests.ts';
import { RAW_IMAGE_TYPES } from './raw-image-types.ts';
import { mediaTypeOf, readBody, refuseMediaType, type AdmitBody } from './read-body.ts';

/** What a body sends. */
export interface SentImages {
  readonly images: readonly Uint8Array[];
  /** The stream that the body names; null where it names none. */
  readonly stream: PlainText | null;
}

type ImageReader = (request: Request, response: Response) => Promise<SentImages>;

/**
 * Reads the images of a request, whichever way they are sent.
 *
 * The type is checked before the first byte is read. What the bytes really are is for the decoder to say.
 */
export function imageReader({ maxParts, maxBodyBytes }: Limits, admit: AdmitBody): ImageReader {
  const readJson = jsonReader(admit, maxBodyBytes);

  const raw: ImageReader = async (request, response) => ({
    images: [await readBody(request, response, admit)],
    stream: null,
  });
  const json: ImageReader = async (request, response) => {
    const { image, stream = null } = await readJson(jsonImage, request, response);
    return { images: [image], stream };
  };
  const readers = new Map<string, ImageReader>([
    ...RAW_IMAGE_TYPES.map((type) => [type, raw] as const),
    ['multipart/form-data', (request, response) => readMultipart(request, response, maxParts, admit)],
    ['application/json', json],
  ]);

  return async (request, response) => {
    const read = readers.get(mediaTypeOf(request)) ?? refuseMediaType(request, [...readers.keys()]);
    return read(request, response);
  };
}
