import type { Request, Response } from 'express';
import type { Limits } from './limits.ts';
import { readMultipart } from './multipart.ts';
import { jsonReader } from './json-body.ts';
import { jsonImage } from '../../../wire/prediction-requests.ts';
import { RAW_IMAGE_TYPES } from './raw-image-types.ts';
import { mediaTypeOf, readBody, refuseMediaType, type AdmitBody } from './read-body.ts';

type ImageReader = (request: Request, response: Response) => Promise<readonly Uint8Array[]>;

/**
 * Reads the images of a request, whichever way they are sent.
 *
 * The type is checked before the first byte is read. What the bytes really are is for the decoder to say.
 */
export function imageReader({ maxParts, maxBodyBytes }: Limits, admit: AdmitBody): ImageReader {
  const readJson = jsonReader(admit, maxBodyBytes);

  const raw: ImageReader = async (request, response) => [await readBody(request, response, admit)];
  const json: ImageReader = async (request, response) => [
    (await readJson(jsonImage, request, response)).image,
  ];
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
