import { z } from 'zod';
import { asPlainText } from '../../../plain-text.ts';
import type { ExportedLabel } from '../../../store/labels.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { LABEL_WRITERS, type LabelWriter } from '../../label-formats.ts';
import { labelSchema, labelsQuery, sealedSchema, sealRequest } from '../../../wire/labels.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import { parseQuery } from '../body/parse-request.ts';
import { callerOf } from '../server/request-context.ts';
import type { Route } from '../route.ts';
import { reserveStream } from '../server/downloads.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing, sendStream } from '../server/sending.ts';

/** Final labels for those who train on them. */
export function labelRoutes(
  store: Pick<CheckedStore, 'labels' | 'trail'>,
  readJson: JsonReader,
): readonly Route[] {
  return [
    {
      method: 'post',
      path: '/v1/labels/seal',
      access: 'export',
      operation: {
        operationId: 'sealLabels',
        tags: ['labels'],
        summary: 'Seal the final labels, so that they can be read and no longer undone',
        description:
          'Every final label that is not sealed gets its place behind those that are. `GET /v1/labels` ' +
          'gives sealed labels alone, so whoever collects labels seals first, as often as new ones are ' +
          'wanted. Any number of consumers may: a label that is sealed once is sealed for all.',
        requestBody: { content: { 'application/json': { schema: sealRequest } } },
        responses: {
          200: {
            description: 'Sealed, durably, and written into the audit trail.',
            content: { 'application/json': { schema: sealedSchema } },
          },
        },
      },
      problems: [...jsonBodyProblems, 'queue_closed'],
      handle: async (request, response) => {
        const { limit } = await readJson(sealRequest, request, response);
        const who = callerOf(response).keyId;
        const { count, cursor } = await store.labels.seal({ who, ...(limit === undefined ? {} : { limit }) });
        sendJson(response, 200, { sealed: count, cursor });
      },
    },
    {
      method: 'get',
      path: '/v1/labels',
      access: 'export',
      operation: {
        operationId: 'exportLabels',
        tags: ['labels'],
        summary: 'Stream the sealed labels, each once, in an order that never changes',
        description:
          'Every label has its `cursor`. Keep that of the last one that arrived whole, and give it ' +
          'as `since`: what follows ' +
          'is what you do not have, whatever was labelled meanwhile, and wherever a stream broke off.\n\n' +
          'A prediction has one final label: the person’s where it is in review, else the machine’s. ' +
          'What people say of an audit is a line beside the machine’s, which has the reason `audit` ' +
          'and the same `prediction_id`, and may say otherwise. What is ' +
          'discarded or disputed has none. Only labels that are sealed are given, which ' +
          '`POST /v1/labels/seal` does; reading seals nothing.\n\n' +
          '`jsonl` has one object a line; `csv` (RFC 4180) the same as columns, lists joined by ' +
          'semicolons; `label-studio` is ' +
          'an array of tasks for its import, whose `data` holds the same members.',
        requestParams: { query: labelsQuery },
        responses: {
          200: {
            description: 'The labels, as many as are sealed when the stream ends.',
            content: {
              'application/jsonl': { schema: labelSchema },
              'text/csv': { schema: z.string() },
              'application/json': { schema: z.array(z.looseObject({ data: labelSchema })) },
            },
          },
        },
      },
      problems: ['invalid_request', 'bad_cursor', 'queue_closed'],
      handle: async (request, response) => {
        const { format, since = null, limit } = parseQuery(labelsQuery, request);
        reserveStream(response);
        const writer = LABEL_WRITERS[format];
        const head = { 'content-type': writer.contentType, 'cache-control': 'no-store' };
        const exported = store.labels.exportLabels({ since, ...(limit === undefined ? {} : { limit }) });
        const labels = exported[Symbol.asyncIterator]();
        // Whatever is refused is refused now, while the status can still say so.
        const first = await labels.next();
        if (request.method === 'HEAD') {
          // Nothing is given, so there is nothing to write down.
          await labels.return?.();
          sendNothing(response, 200, head);
          return;
        }
        // Before anything leaves; who asks again and again for what is not there yet takes nothing.
        if (first.done !== true) {
          await store.trail.recordAct({
            act: 'labels_exported',
            who: callerOf(response).keyId,
            detail: { format: asPlainText(format), since, limit: limit ?? null },
          });
        }
        // A consumer that leaves goes on from its last cursor.
        await sendStream(response, head, written(first, labels, writer));
      },
    },
  ];
}

async function* written(
  first: IteratorResult<ExportedLabel, unknown>,
  labels: AsyncIterator<ExportedLabel, unknown>,
  { head, between, tail, write }: LabelWriter,
): AsyncGenerator<string> {
  let next = first;
  try {
    yield head;
    for (let separator = ''; next.done !== true; separator = between, next = await labels.next())
      yield separator + write(next.value);
    yield tail;
  } finally {
    if (next.done !== true) await labels.return?.();
  }
}
