import type { DeskOf } from '../blinding/desk.ts';
import { idOf, idPath } from './item-id.ts';
import { leaseProblems } from './leases.ts';
import type { JsonReader } from '../body/json-body.ts';
import { callerOf } from '../server/request-context.ts';
import {
  claimedItemSchema,
  discardRequest,
  findingRequest,
  undoRequest,
} from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing } from '../server/sending.ts';

/**
 * The answers beside a label: what is found instead, that the image is unusable, that an answer was wrong.
 */
export function answerRoutes(deskOf: DeskOf, readJson: JsonReader): readonly Route[] {
  return [
    {
      method: 'put',
      path: '/v1/reviews/{id}/finding',
      access: 'review',
      operation: {
        operationId: 'findReview',
        tags: ['reviews'],
        summary: 'Say that no label fits, or that nobody could tell what the image shows',
        description:
          '`none_of_these` is an answer like a label: it is exported, without one, and where the machine ' +
          'labelled the image it says that the machine is wrong. `unreadable` says neither. Repeating the ' +
          'same call is answered the same way and changes nothing.',
        requestParams: { path: idPath },
        requestBody: { required: true, content: { 'application/json': { schema: findingRequest } } },
        responses: { 204: { description: 'Recorded, durably.' } },
      },
      problems: [...leaseProblems, 'another_model'],
      handle: async (request, response) => {
        const id = idOf(request);
        const { finding, lease, note } = await readJson(findingRequest, request, response);
        await deskOf(callerOf(response)).finding(id, lease, finding, note ?? null);
        sendNothing(response);
      },
    },
    {
      method: 'put',
      path: '/v1/reviews/{id}/discard',
      access: 'review',
      operation: {
        operationId: 'discardReview',
        tags: ['reviews'],
        summary: 'Say that the image is unusable, and is to be left out',
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
