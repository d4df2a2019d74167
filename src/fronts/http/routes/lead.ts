import type { ReassignOutcome, SettleOutcome } from '../../../store/reviewing.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { HttpError } from '../http-error.ts';
import { type Caller, LOCAL_CALLER } from '../../../access/caller.ts';
import { asPlainText, type PlainText } from '../../../plain-text.ts';
import { requireSameModel } from '../blinding/desk.ts';
import type { ServedModel } from '../../../wire/model.ts';
import { labelChecker } from './leases.ts';
import { idOf, idPath, unknownItem } from './item-id.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import { callerOf } from '../server/request-context.ts';
import { instant } from '../instant.ts';
import { historySchema, reassignRequest, settleRequest } from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing } from '../server/sending.ts';

/** What those who lead reviewers may do. */
export function leadRoutes(
  store: Pick<CheckedStore, 'items' | 'reviewing'>,
  readJson: JsonReader,
  model: ServedModel,
  onAnswered: () => void,
): readonly Route[] {
  const requireLabel = labelChecker(model);
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
      method: 'post',
      path: '/v1/reviews/{id}/settle',
      access: 'admin',
      operation: {
        operationId: 'settleReview',
        tags: ['reviews'],
        summary: 'Decide an item that others have answered, and not decided',
        description:
          'People differ on it, or one alone has said that the machine is wrong and there is no second ' +
          'reviewer. What a lead says of an item on which the lead has said something already counts for ' +
          'nothing more, and is refused.',
        requestParams: { path: idPath },
        requestBody: { required: true, content: { 'application/json': { schema: settleRequest } } },
        responses: { 204: { description: 'Decided; a lease of it has ended.' } },
      },
      problems: [
        ...(['unknown_item', 'item_decided', 'already_answered', 'nothing_to_settle'] as const),
        ...(['another_model', 'unknown_label', 'queue_closed'] as const),
        ...jsonBodyProblems,
      ],
      handle: async (request, response) => {
        const id = idOf(request);
        const given = await readJson(settleRequest, request, response);
        const item = await store.items.find(id);
        if (item === null) throw unknownItem(id);
        requireSameModel(item, model);
        if ('label' in given) requireLabel(given.label);
        const outcome = await store.reviewing.settle(id, {
          by: leadOf(callerOf(response)),
          label: 'label' in given ? given.label : null,
          finding: 'label' in given ? null : given.finding,
          note: given.note ?? null,
        });
        if (outcome !== 'done') throw refusedSettlement(outcome, id);
        onAnswered();
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

/**
 * Who settles. Without keys one name stands for everybody, reviewers among them: what is said as a lead is
 * then said by another.
 */
function leadOf(caller: Caller): PlainText {
  return caller === LOCAL_CALLER ? asPlainText(`${caller.keyId}:lead`) : caller.keyId;
}

const SETTLE_REFUSALS: Readonly<Record<Exclude<SettleOutcome, 'done' | 'unknown_item'>, string>> = {
  item_decided:
    'The item is labelled or discarded already. Whoever answered may undo that while it is not exported.',
  already_answered:
    'This lead has answered on the item already, and would be two people. Another lead may settle it, or a ' +
    'reviewer who has not answered yet.',
  nothing_to_settle: 'Nobody has answered on the item yet. Reassign it to whoever should.',
};

function refusedSettlement(outcome: Exclude<SettleOutcome, 'done'>, id: string): HttpError {
  return outcome === 'unknown_item' ? unknownItem(id) : new HttpError(outcome, SETTLE_REFUSALS[outcome]);
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
