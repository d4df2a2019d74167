import type { DeskOf } from '../blinding/desk.ts';
import { idOf, idPath } from './item-id.ts';
import { callerOf } from '../server/request-context.ts';
import { RAW_IMAGE_TYPES } from '../body/raw-image-types.ts';
import type { Route } from '../route.ts';
import { reserve } from '../server/downloads.ts';
import { sendBytes } from '../server/sending.ts';
import { FOREIGN_POLICY } from '../server/browser-safety.ts';

/** What a reviewer looks at: the image, and where the answer depends on it. */
export function reviewImageRoutes(deskOf: DeskOf): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/reviews/{id}/image',
      access: 'review',
      operation: {
        operationId: 'getReviewImage',
        tags: ['reviews'],
        summary: 'The image, without what its file says beside the pixels',
        requestParams: { path: idPath },
        responses: {
          200: {
            description:
              'As it was sent, but for Exif, XMP, IPTC, comments, thumbnails and what lies behind its end. ' +
              'Pixels, colour profile and orientation stay. With `KEEP_METADATA=true` the very bytes.',
            content: Object.fromEntries(RAW_IMAGE_TYPES.map((type) => [type, {}])),
          },
        },
      },
      problems: ['unknown_item'],
      handle: async (request, response) => {
        const id = idOf(request);
        const desk = deskOf(callerOf(response));
        reserve(response, await desk.imageSize(id));
        const file = await desk.image(id);
        const type =
          RAW_IMAGE_TYPES.find((known) => known === file.contentType) ?? 'application/octet-stream';
        await sendBytes(response, file.bytes, {
          headers: {
            'content-type': type,
            'content-disposition': 'inline',
            'content-security-policy': FOREIGN_POLICY,
          },
        });
      },
    },
    {
      method: 'get',
      path: '/v1/reviews/{id}/sensitivity.png',
      access: 'review',
      operation: {
        operationId: 'getSensitivityMap',
        tags: ['reviews'],
        summary: 'How strongly the answer depends on each pixel',
        description: 'It is measured on request, which takes forward passes of its own.',
        requestParams: { path: idPath },
        responses: { 200: { description: 'The map.', content: { 'image/png': {} } } },
      },
      problems: ['unknown_item', 'engine_busy', 'engine_unavailable', 'no_map'],
      handle: async (request, response) => {
        const id = idOf(request);
        const desk = deskOf(callerOf(response));
        // The image is loaded to be measured.
        reserve(response, await desk.imageSize(id));
        const png = await desk.sensitivityMap(id);
        await sendBytes(response, png, { headers: { 'content-type': 'image/png' } });
      },
    },
  ];
}
