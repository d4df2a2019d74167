import type { ReassignOutcome } from '../../../store/reviewing.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { HttpError } from '../http-error.ts';
import { idOf, idPath, unknownItem } from './item-id.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import { callerOf } from '../server/request-context.ts';
import { instant } from '../instant.ts';
import { historySchema, reassignRequest } from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing } from '../server/sending.ts';

/** What those who lead reviewers may do. */
export function leadRoutes(
  store: Pick<CheckedStore, 'items' | 'reviewing'>,
  readJson: JsonReader,
): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/reviews/{id}/reassign',
      access: 'admin',
      operation: {
        operationId: 'reassignReview',
        tags: ['reviews'],
        summary: 'Take an item from whoever holds it',
        description:
          'With `to` it comes first for that person, and last for everyone else. A disputed item is ' +
          'open again, and the ' +
          'next answer settles it. One that is labelled or discarded is refused, exported or not.',
        requestParams: { path: idPath },
        requestBody: { required: true, content: { 'application/json': { schema: reassignRequest } } },
        responses: { 204: { description: 'The item waits again; its lease has ended.' } },
      },
      problems: ['unknown_item', 'item_decided', 'already_answered', 'queue_closed', ...jsonBodyProblems],
      handle: async (request, response) => {
        const id = idOf(request);
        const { to } = await readJson(reassignRequest, request, response);
        const outcome = await store.reviewing.reassign(id, { by: callerOf(response).keyId, to });
        if (outcome !== 'done') throw refusedReassignment(outcome, id);
        sendNothing(response);
      },
    },
    {
      method: 'get',
      path: '/v1/reviews/{id}/history',
      access: 'admin',
      operation: {
        operationId: 'getReviewHistory',
        tags: ['reviews'],
        summary: 'What happened to an item, oldest first',
        description: 'Renewals are left out.',
        requestParams: { path: idPath },
        responses: {
          200: { description: 'All of it.', content: { 'application/json': { schema: historySchema } } },
        },
      },
      problems: ['unknown_item', 'queue_closed'],
      handle: async (request, response) => {
        const id = idOf(request);
        const events = await store.items.history(id);
        if (events === null) throw unknownItem(id);
        sendJson(response, 200, {
          events: events.map(({ atMs, ...event }) => ({ at: instant(atMs), ...event })),
        });
      },
    },
  ];
}

const REFUSALS: Readonly<Record<Exclude<ReassignOutcome, 'done' | 'unknown_item'>, string>> = {
  item_decided:
    'The item is labelled or discarded, and is not taken back by being reassigned. Whoever answered ' +
    'may undo that while it is not exported.',
  already_answered: 'This person has answered on the item already; name another, or null for anyone.',
};

function refusedReassignment(outcome: Exclude<ReassignOutcome, 'done'>, id: string): HttpError {
  return outcome === 'unknown_item' ? unknownItem(id) : new HttpError(outcome, REFUSALS[outcome]);
}
