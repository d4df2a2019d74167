import type { DeskOf } from '../blinding/desk.ts';
import { idOf, idPath } from './item-id.ts';
import { leaseProblems } from './leases.ts';
import type { JsonReader } from '../body/json-body.ts';
import { callerOf } from '../server/request-context.ts';
import { claimedItemSchema, discardRequest, undoRequest } from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing } from '../server/sending.ts';

/** The answers beside a label: that the image is unusable, and that an answer was wrong. */
export function answerRoutes(deskOf: DeskOf, readJson: JsonReader): readonly Route[] {
  return [
    {
      method: 'put',
      path: '/v1/reviews/{id}/discard',
      access: 'review',
      operation: {
        operationId: 'discardReview',
        tags: ['reviews'],
        summary: 'Say that the image is unusable',
        description: 'Repeating the same call is answered the same way and changes nothing.',
        requestParams: { path: idPath },
        requestBody: { required: true, content: { 'application/json': { schema: discardRequest } } },
        responses: { 204: { description: 'Recorded, durably.' } },
      },
      problems: leaseProblems,
      handle: async (request, response) => {
        const id = idOf(request);
        const { lease, note } = await readJson(discardRequest, request, response);
        await deskOf(callerOf(response)).discard(id, lease, note ?? null);
        sendNothing(response);
      },
    },
    {
      method: 'post',
      path: '/v1/reviews/{id}/undo',
      access: 'review',
      operation: {
        operationId: 'undoReview',
        tags: ['reviews'],
        summary: 'Take the caller’s own label or discard back',
        description:
          'The item is the caller’s again, with a fresh lease, to be answered otherwise or released. ' +
          'Until labels of that time are sealed for export: from then on somebody may have learnt from it.',
        requestParams: { path: idPath },
        requestBody: { content: { 'application/json': { schema: undoRequest } } },
        responses: {
          200: {
            description: 'Taken back.',
            content: { 'application/json': { schema: claimedItemSchema } },
          },
        },
      },
      problems: [
        ...leaseProblems.filter((code) => code !== 'lease_lost'),
        'nothing_to_undo',
        'label_exported',
        'another_model',
      ],
      handle: async (request, response) => {
        const id = idOf(request);
        const { lease_seconds } = await readJson(undoRequest, request, response);
        const desk = deskOf(callerOf(response));
        sendJson(response, 200, await desk.undo(id, lease_seconds * 1000));
      },
    },
  ];
}
