import { z } from 'zod';
import { asPlainText, type Checked } from '../../../plain-text.ts';
import type { ListFilter } from '../../../store/review-items.ts';
import type { DeskOf } from '../blinding/desk.ts';
import { idOf, idPath } from './item-id.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import { parseQuery } from '../body/parse-request.ts';
import { callerOf } from '../server/request-context.ts';
import {
  claimedItemSchema,
  claimRequest,
  listQuery,
  pageSchema,
  reviewItemSchema,
} from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { reserve } from '../server/downloads.ts';
import { sendJson } from '../server/send-json.ts';

/** Of an item, labels of any sensible length included. */
const ITEM_BYTES = 1024;

/** What can be seen of the queue, and claiming from it. */
export function reviewRoutes(deskOf: DeskOf, readJson: JsonReader): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/reviews',
      access: 'review',
      operation: {
        operationId: 'listReviews',
        tags: ['reviews'],
        summary: 'List the review items',
        description:
          'With the scope `admin` each item has its `reasons`, `stream`, `sensitivity` and `prediction`. ' +
          'Without it items are as ' +
          'reviewers receive them, and neither the filters `reason` and `stream` nor the order ' +
          '`most_sensitive` may be used: an audit ' +
          'is blind, and each of these would tell which items are audits. `state` and `label` then ' +
          'go by what the caller may know: ' +
          'an item that others are still asked about is as the caller answered it, and a disputed ' +
          'one is `pending` to ' +
          'whoever has not answered.',
        requestParams: { query: listQuery },
        responses: {
          200: { description: 'One page.', content: { 'application/json': { schema: pageSchema } } },
        },
      },
      problems: ['invalid_request', 'bad_cursor'],
      handle: async (request, response) => {
        const query = parseQuery(listQuery, request);
        reserve(response, query.limit * ITEM_BYTES);
        const { items, nextCursor } = await deskOf(callerOf(response)).list(given(query));
        sendJson(response, 200, { items, next_cursor: nextCursor });
      },
    },
    {
      method: 'post',
      path: '/v1/reviews/claim',
      access: 'review',
      operation: {
        operationId: 'claimReviews',
        tags: ['reviews'],
        summary: 'Lease the most sensitive waiting items to the caller',
        description:
          'An item is leased to one reviewer at a time, for `lease_seconds`; then it waits again by ' +
          'itself. `lease` must ' +
          'be shown with everything that is done to the item. Whoever lost the lease cannot label it ' +
          'any more.\n\n' +
          'Only items of the model that is served are given. Those of another model (`model_served` ' +
          'is false) are listed ' +
          'and counted, and wait until their model is served again.\n\n' +
          'An audit is blind: an item tells neither why it is here nor how sensitive it is, and the ' +
          'machine’s prediction ' +
          'only where the gate says `show_prediction`, whatever the caller’s scopes.',
        requestBody: { content: { 'application/json': { schema: claimRequest } } },
        responses: {
          200: {
            description: 'The leased items; empty when none of this model waits.',
            content: { 'application/json': { schema: z.array(claimedItemSchema) } },
          },
        },
      },
      problems: [...jsonBodyProblems, 'queue_closed'],
      handle: async (request, response) => {
        const { limit, lease_seconds } = await readJson(claimRequest, request, response);
        const desk = deskOf(callerOf(response));
        reserve(response, limit * ITEM_BYTES);
        sendJson(response, 200, await desk.claim({ limit, leaseMs: lease_seconds * 1000 }));
      },
    },
    {
      method: 'get',
      path: '/v1/reviews/{id}',
      access: 'review',
      operation: {
        operationId: 'getReview',
        tags: ['reviews'],
        summary: 'One item, as reviewers receive it',
        description: 'Blind for every caller; `GET /v1/predictions/{id}` has the whole answer.',
        requestParams: { path: idPath },
        responses: {
          200: { description: 'The item.', content: { 'application/json': { schema: reviewItemSchema } } },
        },
      },
      problems: ['unknown_item'],
      handle: async (request, response) => {
        sendJson(response, 200, await deskOf(callerOf(response)).find(idOf(request)));
      },
    },
  ];
}

/** The query without the parameters that were not sent. */
function given(query: z.infer<typeof listQuery>): Checked<ListFilter> {
  const { state, label, reason, stream, order, cursor, limit } = query;
  return {
    ...(state === undefined ? {} : { state }),
    ...(label === undefined ? {} : { label }),
    ...(reason === undefined ? {} : { reason: asPlainText(reason) }),
    ...(stream === undefined ? {} : { stream }),
    ...(cursor === undefined ? {} : { cursor }),
    order,
    limit,
  };
}
