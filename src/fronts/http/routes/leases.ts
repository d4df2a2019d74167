import type { DeskOf } from '../blinding/desk.ts';
import { idOf, idPath } from './item-id.ts';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { HttpError } from '../http-error.ts';
import type { ServedModel } from '../../../wire/model.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import type { ProblemCode } from '../../../wire/problems.ts';
import { callerOf } from '../server/request-context.ts';
import { labelRequest, leaseRequest, renewedSchema, renewRequest } from '../../../wire/review-items.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing } from '../server/sending.ts';

/** What everything that needs a lease may be refused for. */
export const leaseProblems: readonly ProblemCode[] = [
  'unknown_item',
  'lease_lost',
  'queue_closed',
  ...jsonBodyProblems,
];

/** What the holder of a lease may do with the item. */
export function leaseRoutes(deskOf: DeskOf, readJson: JsonReader, model: ServedModel): readonly Route[] {
  const requireLabel = labelChecker(model);

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
        await deskOf(callerOf(response)).label(id, lease, label, note ?? null);
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
        const lease_expires_at = await deskOf(callerOf(response)).renew(id, lease, lease_seconds * 1000);
        sendJson(response, 200, { id, lease, lease_expires_at });
      },
    },
    putBackRoute(deskOf, readJson, 'release', 'Put the item back where it was'),
    putBackRoute(deskOf, readJson, 'skip', 'Put the item back, behind all others for the caller'),
  ];
}

function putBackRoute(deskOf: DeskOf, readJson: JsonReader, how: 'release' | 'skip', summary: string): Route {
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
      await deskOf(callerOf(response)).putBack(id, lease, how);
      sendNothing(response);
    },
  };
}

function operation(operationId: string, summary: string): Omit<ZodOpenApiOperationObject, 'responses'> {
  return { operationId, tags: ['reviews'], summary, requestParams: { path: idPath } };
}

/** @returns A check that throws `unknown_label` for what the model does not know. */
export function labelChecker({ name, labels }: ServedModel): (label: string) => void {
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
