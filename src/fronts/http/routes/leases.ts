import type { Response } from 'express';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import type { StoredPrediction } from '../../../store/review-status.ts';
import type { LeaseOutcome } from '../../../store/reviewing.ts';
import type { CheckedStore } from '../checked-ports.ts';
import type { Metrics } from '../../../telemetry/metrics.ts';
import { HttpError } from '../http-error.ts';
import { idOf, idPath, unknownItem } from './item-id.ts';
import type { ServedModel } from '../../../wire/model.ts';
import type { JsonReader } from '../body/json-body.ts';
import type { ProblemCode } from '../../../wire/problems.ts';
import { callerOf } from '../server/request-context.ts';
import { leaseEnd } from './review-item.ts';
import { labelRequest, leaseRequest, renewedSchema, renewRequest } from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

export interface LeaseRoutesDeps {
  readonly store: Pick<CheckedStore, 'records' | 'reviewing'>;
  readonly readJson: JsonReader;
  readonly model: ServedModel;
  readonly metrics: Metrics;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** What everything that needs a lease may be refused for. */
export const leaseProblems: readonly ProblemCode[] = [
  'unknown_item',
  'lease_lost',
  'queue_closed',
  'unsupported_media_type',
  'bad_json',
  'invalid_request',
  'body_too_large',
  'upload_aborted',
  'uploads_busy',
];

/** What the holder of a lease may do with the item. */
export function leaseRoutes({ store, readJson, model, metrics, now }: LeaseRoutesDeps): readonly Route[] {
  const requireLabel = labelChecker(model);

  const observe = ({ prediction, review }: StoredPrediction, label: string, reviewer: string): void => {
    // A repeat is `done` again, but it is one label.
    if (review?.opinions.some((opinion) => opinion.reviewer === reviewer)) return;
    const { reasons, predictedLabel, createdMs } = prediction;
    const agrees = predictedLabel === null ? null : predictedLabel === label;
    const leadSeconds = Math.max(0, now() - createdMs) / 1000;
    metrics.observeLabel({ reasons, agrees, leadSeconds, reviewer });
  };

  return [
    {
      method: 'put',
      path: '/v1/reviews/{id}/label',
      access: 'review',
      operation: {
        ...operation('labelReview', 'Record the final label'),
        description: 'Repeating the same call is answered the same way and changes nothing.',
        requestBody: { required: true, content: { 'application/json': { schema: labelRequest } } },
        responses: { 204: { description: 'Recorded, durably.' } },
      },
      problems: [...leaseProblems, 'unknown_label', 'another_model'],
      handle: async (request, response) => {
        const id = idOf(request);
        const { label, lease, note } = await readJson(labelRequest, request, response);
        requireLabel(label);
        const before = await store.records.find(id);
        if (before === null) throw unknownItem(id);
        requireSameModel(before, model);
        const reviewer = callerOf(response).keyId;
        requireDone(await store.reviewing.label(id, lease, { label, reviewer, note: note ?? null }), id);
        observe(before, label, reviewer);
        sendNothing(response);
      },
    },
    {
      method: 'post',
      path: '/v1/reviews/{id}/renew',
      access: 'review',
      operation: {
        ...operation('renewReview', 'Hold the item for longer: `lease_seconds` from now'),
        requestBody: { required: true, content: { 'application/json': { schema: renewRequest } } },
        responses: {
          200: { description: 'Renewed.', content: { 'application/json': { schema: renewedSchema } } },
        },
      },
      problems: leaseProblems,
      handle: async (request, response) => {
        const id = idOf(request);
        const { lease, lease_seconds } = await readJson(renewRequest, request, response);
        const hold = { lease, reviewer: callerOf(response).keyId };
        requireDone(await store.reviewing.renew(id, hold, lease_seconds * 1000), id);
        const item = await store.records.find(id);
        if (!item?.review || item.review.state !== 'claimed') throw leaseLost(id);
        const lease_expires_at = leaseEnd({ prediction: item.prediction, review: item.review });
        sendJson(response, 200, { id, lease, lease_expires_at });
      },
    },
    putBackRoute(store, readJson, 'release', 'Put the item back where it was'),
    putBackRoute(store, readJson, 'skip', 'Put the item back, behind all others for the caller'),
  ];
}

function putBackRoute(
  { reviewing }: Pick<CheckedStore, 'reviewing'>,
  readJson: JsonReader,
  how: 'release' | 'skip',
  summary: string,
): Route {
  return {
    method: 'post',
    path: `/v1/reviews/{id}/${how}`,
    access: 'review',
    operation: {
      ...operation(`${how}Review`, summary),
      requestBody: { required: true, content: { 'application/json': { schema: leaseRequest } } },
      responses: { 204: { description: 'The lease has ended and the item waits again.' } },
    },
    problems: leaseProblems,
    handle: async (request, response) => {
      const id = idOf(request);
      const { lease } = await readJson(leaseRequest, request, response);
      const hold = { lease, reviewer: callerOf(response).keyId };
      requireDone(await reviewing.putBack(id, hold, how), id);
      sendNothing(response);
    },
  };
}

function operation(operationId: string, summary: string): Omit<ZodOpenApiOperationObject, 'responses'> {
  return { operationId, tags: ['reviews'], summary, requestParams: { path: idPath } };
}

/** @returns A check that throws `unknown_label` for what the model does not know. */
function labelChecker({ name, labels }: ServedModel): (label: string) => void {
  const known = new Set(labels);
  const first = labels.slice(0, 10);
  const more = labels.length > first.length ? `, … (${labels.length} in all, see GET /v1/model)` : '';
  return (label) => {
    if (known.has(label)) return;
    throw new HttpError(
      'unknown_label',
      `"${label.slice(0, 100)}" is not a label of ${name}. Expected one of: ${first.join(', ')}${more}.`,
      { members: { allowed: first, allowed_count: labels.length } },
    );
  };
}

/** @throws HttpError `lease_lost` or `unknown_item` */
export function requireDone(outcome: LeaseOutcome, id: string): void {
  if (outcome === 'unknown_item') throw unknownItem(id);
  if (outcome === 'lease_lost') throw leaseLost(id);
}

function leaseLost(id: string): HttpError {
  return new HttpError(
    'lease_lost',
    `This lease of item ${id} has ended: it ran out, was given back, or the item is labelled. Claim again.`,
  );
}

export function sendNothing(response: Response): void {
  response.writeHead(204);
  response.end();
}

/** One data folder may have served several models, whose labels mean different things. */
export function requireSameModel({ prediction }: StoredPrediction, model: ServedModel): void {
  if (prediction.modelDigest === model.digest) return;
  throw new HttpError(
    'another_model',
    `Item ${prediction.id} was made by model ${prediction.modelDigest}; this service serves ` +
      `${model.name} ${model.digest}. Label it where its own model is served.`,
  );
}
