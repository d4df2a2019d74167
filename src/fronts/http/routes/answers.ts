import type { PlainText } from '../../../plain-text.ts';
import type { StoredPrediction } from '../../../store/review-status.ts';
import type { UndoRefusal } from '../../../store/reviewing.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { HttpError } from '../http-error.ts';
import { idOf, idPath, unknownItem } from './item-id.ts';
import { leaseProblems, requireDone, requireSameModel, sendNothing } from './leases.ts';
import type { ServedModel } from '../../../wire/model.ts';
import type { JsonReader } from '../body/json-body.ts';
import { callerOf } from '../server/request-context.ts';
import { claimedItem, type View } from './review-item.ts';
import { claimedItemSchema, discardRequest, undoRequest } from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

export interface AnswerRoutesDeps {
  readonly store: Pick<CheckedStore, 'records' | 'reviewing'>;
  readonly readJson: JsonReader;
  readonly model: ServedModel;
  readonly showPrediction: () => boolean;
}

/** The answers beside a label: that the image is unusable, and that an answer was wrong. */
export function answerRoutes({ store, readJson, model, showPrediction }: AnswerRoutesDeps): readonly Route[] {
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
        const reviewer = callerOf(response).keyId;
        requireDone(await store.reviewing.discard(id, lease, { reviewer, note: note ?? null }), id);
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
          'Until the label is exported: from then on somebody may have learnt from it.',
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
        'item_held',
        'another_model',
      ],
      handle: async (request, response) => {
        const id = idOf(request);
        const { lease_seconds } = await readJson(undoRequest, request, response);
        requireSameModel(await knownItem(store, id), model);
        const viewer = callerOf(response).keyId;
        const claim = await store.reviewing.undo(id, { reviewer: viewer, leaseMs: lease_seconds * 1000 });
        if (typeof claim === 'string') throw refusedUndo(claim, id);
        const view: View = { servedDigest: model.digest, showPrediction: showPrediction(), viewer };
        sendJson(response, 200, claimedItem(claim, view));
      },
    },
  ];
}

async function knownItem(
  { records }: Pick<CheckedStore, 'records'>,
  id: PlainText,
): Promise<StoredPrediction> {
  const stored = await records.find(id);
  if (!stored?.review) throw unknownItem(id);
  return stored;
}

const UNDO_REFUSALS: Readonly<Record<Exclude<UndoRefusal, 'unknown_item'>, string>> = {
  nothing_to_undo: 'There is no answer of yours on this item: it was never given, or is taken back already.',
  label_exported:
    'The label is exported, and somebody may have learnt from it. To correct it, have the image ' +
    'predicted again and label it anew: the export then has that label too, later and with the same ' +
    'input hash.',
  item_held: 'Somebody else has the item before them now. Try again later.',
};

function refusedUndo(refusal: UndoRefusal, id: string): HttpError {
  return refusal === 'unknown_item' ? unknownItem(id) : new HttpError(refusal, UNDO_REFUSALS[refusal]);
}
