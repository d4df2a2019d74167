import type { Response } from 'express';
import { z } from 'zod';
import type { ZodOpenApiContentObject } from 'zod-openapi';
import type { PlainText } from '../../../plain-text.ts';
import type { Answer } from '../../../prediction/answer.ts';
import type { CheckedPredictor, CheckedStore } from '../checked-ports.ts';
import { idempotencyHeader, idempotencyKeyOf, parseQuery } from '../body/parse-request.ts';
import { imageReader } from '../body/image-body.ts';
import { jsonBodyProblems } from '../body/json-body.ts';
import type { Limits } from '../body/limits.ts';
import { HttpError } from '../http-error.ts';
import { goneOrUnknown } from './forgetting.ts';
import { wireMethod, wireReasons } from '../later-words.ts';
import { idOf, idPath } from './item-id.ts';
import { type Answer as WireAnswer, answerSchema, answersSchema } from '../../../wire/answers.ts';
import { jsonImage, predictionQuery } from '../../../wire/prediction-requests.ts';
import { LONGEST_STREAM } from '../../../wire/stream-name.ts';
import type { ProblemCode } from '../../../wire/problems.ts';
import { RAW_IMAGE_TYPES } from '../body/raw-image-types.ts';
import { callerOf, contextOf } from '../server/request-context.ts';
import type { Route } from '../route.ts';
import { reserve } from '../server/downloads.ts';
import { sendJson } from '../server/send-json.ts';
import type { AdmitBody } from '../body/read-body.ts';

/** Of the answer for one image, labels of any sensible length included. */
const ANSWER_BYTES = 4096;

/** Images in, decided answers out. */
export function predictionRoutes(
  predictor: CheckedPredictor,
  { forgetting }: Pick<CheckedStore, 'forgetting'>,
  limits: Limits,
  admit: AdmitBody,
): readonly Route[] {
  const query = predictionQuery(limits.maxDeadlineMs);
  const readImages = imageReader(limits, admit);
  return [
    {
      method: 'post',
      path: '/v1/predictions',
      access: 'predict',
      operation: {
        operationId: 'predict',
        tags: ['predictions'],
        summary: 'Classify images, measure how sensitive each answer is, decide who labels them',
        description:
          `One image as the body, 1 to ${limits.maxParts} as parts named \`image\`, or one in JSON. ` +
          'One image is answered ' +
          'with its answer alone, several with `{"predictions": […]}` in their order. All are ' +
          'decoded before the first ' +
          'is measured: where one is refused, `position` says which, and nothing is stored. ' +
          'An answer is sent when its record is durable.\n\n' +
          'With `Idempotency-Key` the request may be sent again as often as need be: what it asks ' +
          'for is done once, all ' +
          'images or none. For 24 hours the same request gets the same answer again, with the same ' +
          '`id`, without ' +
          '`timing_ms`, and with the header `Idempotency-Replayed: true`. They belong to the caller, ' +
          'an API key or a JWT’s subject. A request that is ' +
          'refused or fails leaves its key free.',
        requestParams: { query, header: idempotencyHeader },
        requestBody: { required: true, content: requestContent(limits) },
        responses: {
          200: {
            description: 'Every label may be used.',
            headers: z.object({ 'Idempotency-Replayed': replayed }),
            content: answerContent,
          },
          202: {
            description:
              'At least one image waits for a person. One that waits already, for the same reasons, has ' +
              'the same review item again, and each prediction has the label once it is given.',
            headers: z.object({
              Location: z.string().describe('The review item, where there was one image.').optional(),
              'Idempotency-Replayed': replayed,
            }),
            content: answerContent,
          },
        },
      },
      problems: [
        ...uploadProblems,
        ...imageProblems,
        ...engineProblems,
        ...idempotencyProblems,
        'too_many_open_items',
      ],
      handle: async (request, response) => {
        const { method, transforms, deadline_ms, stream: asked } = parseQuery(query, request);
        const key = idempotencyKeyOf(request);
        const { images, stream: sent } = await readImages(request, response);
        const stream = oneStream(asked ?? null, sent);
        reserve(response, images.length * ANSWER_BYTES);
        const { answers, repeated } = await predictor.decide({
          inputs: { kind: 'images', images },
          caller: callerOf(response).keyId,
          stream,
          onStillDecoding: (settled) => contextOf(response).heldBy.push(settled),
          key,
          options: { method, transforms, ...(deadline_ms === undefined ? {} : { deadlineMs: deadline_ms }) },
        });
        if (repeated) response.setHeader('idempotency-replayed', 'true');
        sendAnswers(response, answers.map(wireAnswer));
      },
    },
    {
      method: 'get',
      path: '/v1/predictions/{id}',
      access: 'predict',
      operation: {
        operationId: 'getPrediction',
        tags: ['predictions'],
        summary: 'The answer as it stands now, with the final label and who gave it once there is one',
        requestParams: { path: idPath },
        responses: {
          200: { description: 'The answer.', content: { 'application/json': { schema: answerSchema } } },
        },
      },
      problems: ['unknown_item', 'prediction_forgotten'],
      handle: async (request, response) => {
        const id = idOf(request);
        const answer = await predictor.find(id);
        if (answer === null) throw await goneOrUnknown(forgetting, id);
        sendJson(response, 200, wireAnswer(answer));
      },
    },
  ];
}

/** @throws HttpError `invalid_request` where query and body name different streams */
function oneStream(asked: PlainText | null, sent: PlainText | null): PlainText | null {
  if (asked === null || sent === null || asked === sent) return asked ?? sent;
  throw new HttpError(
    'invalid_request',
    `Expected one stream; the query names ${JSON.stringify(asked)} and the body ${JSON.stringify(sent)}. ` +
      'Name it in one place.',
    { members: { errors: [{ path: 'stream', message: 'differs between query and body' }] } },
  );
}

/** Where the review item of a prediction is. */
export function reviewHref(id: string): string {
  return `/v1/reviews/${id}`;
}

/** The answer as HTTP gives it. */
function wireAnswer({ review, timing, sensitivity, familiarity, ...answer }: Answer): WireAnswer {
  return {
    ...answer,
    reasons: wireReasons(answer.reasons),
    prediction: answer.prediction && { ...answer.prediction, top: [...answer.prediction.top] },
    sensitivity: sensitivity && wireSensitivity(sensitivity),
    ...(familiarity === undefined
      ? {}
      : { familiarity: { ...familiarity, strange: [...familiarity.strange] } }),
    review: review && {
      id: review.id,
      state: review.state,
      href: reviewHref(review.id),
      ...(review.labelledBy === null ? {} : { labelled_by: review.labelledBy }),
      ...(review.outcome === undefined ? {} : { outcome: review.outcome }),
    },
    ...(timing && {
      timing_ms: {
        decode: hundredths(timing.decodeMs),
        queue: hundredths(timing.queueMs),
        compute: hundredths(timing.computeMs),
        store: hundredths(timing.storeMs),
      },
    }),
  };
}

function wireSensitivity({
  interval,
  asymmetry,
  ...others
}: NonNullable<Answer['sensitivity']>): NonNullable<WireAnswer['sensitivity']> {
  return {
    value: others.value,
    interval: interval && [...interval],
    confidence: others.confidence,
    probes: others.probes,
    method: wireMethod(others.method),
    ...(asymmetry === undefined ? {} : { asymmetry }),
  };
}

/** To a hundredth of a millisecond. */
function hundredths(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}

/** 202 where a person has to decide about any of them. */
function sendAnswers(response: Response, answers: readonly WireAnswer[]): void {
  const [first] = answers;
  const status = answers.some(({ decision }) => decision === 'review') ? 202 : 200;
  if (answers.length > 1 || first === undefined) {
    sendJson(response, status, { predictions: answers });
    return;
  }
  if (first.review !== null) response.setHeader('location', first.review.href);
  sendJson(response, status, first);
}

const replayed = z
  .literal('true')
  .optional()
  .describe('Where the answer was given before, to the first request with this key.');

const idempotencyProblems: readonly ProblemCode[] = [
  'idempotency_key_in_use',
  'idempotency_key_reused',
  'prediction_forgotten',
];

const uploadProblems: readonly ProblemCode[] = [
  ...jsonBodyProblems,
  'request_timeout',
  'malformed_multipart',
  'unexpected_part',
  'part_without_file',
  'no_image',
  'too_many_parts',
];

const imageProblems: readonly ProblemCode[] = [
  'empty_image',
  'unsupported_image_type',
  'unreadable_image',
  'truncated_image',
  'image_too_large',
  'image_too_costly',
];

const engineProblems: readonly ProblemCode[] = [
  'engine_busy',
  'engine_unavailable',
  'request_exceeds_queue',
  'input_too_large_for_exact',
  'queue_closed',
];

const answerContent = { 'application/json': { schema: z.union([answerSchema, answersSchema]) } };

function requestContent({ maxParts }: Limits): ZodOpenApiContentObject {
  const bytes = { type: 'string', format: 'binary' } as const;
  return {
    ...Object.fromEntries(RAW_IMAGE_TYPES.map((type) => [type, { schema: bytes }])),
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: ['image'],
        properties: {
          image: { type: 'array', minItems: 1, maxItems: maxParts, items: bytes },
          stream: { type: 'string', minLength: 1, maxLength: LONGEST_STREAM },
        },
      },
    },
    'application/json': { schema: jsonImage },
  };
}
