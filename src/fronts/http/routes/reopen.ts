import type { PromiseWatch, ReopenOutcome } from '../../../oversight/promise-watch.ts';
import type { PlainText } from '../../../plain-text.ts';
import { reopenRequest } from '../../../wire/model.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import { HttpError } from '../http-error.ts';
import type { Route } from '../route.ts';
import { callerOf } from '../server/request-context.ts';
import { sendNothing } from '../server/sending.ts';

/** The watch over the promise as routes have it: text that nobody has checked does not compile. */
export interface Promised extends Pick<PromiseWatch, 'closed'> {
  reopen(request: {
    readonly stream: PlainText | null;
    readonly by: PlainText;
    readonly why: PlainText;
  }): Promise<ReopenOutcome>;
}

/** Has a gate decide again that a proof has closed. */
export function reopenRoute(promise: Promised, readJson: JsonReader): Route {
  return {
    method: 'post',
    path: '/v1/gate/reopen',
    access: 'admin',
    operation: {
      operationId: 'reopenGate',
      tags: ['model'],
      summary: 'Let a gate decide again that audits have closed',
      description:
        'To be called once the cause is found and mended; otherwise calibrate a new gate. Audits of ' +
        'answers from then on are tested, and none of before. Other replicas follow within GATE_CHECK_MS.',
      requestBody: { required: true, content: { 'application/json': { schema: reopenRequest } } },
      responses: { 204: { description: 'It decides again. Who reopened it and why stands in the trail.' } },
    },
    problems: ['no_gate', 'gate_not_closed', 'queue_closed', ...jsonBodyProblems],
    handle: async (request, response) => {
      const { stream, why } = await readJson(reopenRequest, request, response);
      const outcome = await promise.reopen({ stream, by: callerOf(response).keyId, why });
      if (outcome === 'no_gate') {
        throw new HttpError(
          'no_gate',
          'There is no valid gate, so every image goes to review. See GET /v1/gate.',
        );
      }
      if (outcome === 'not_closed') {
        const where = stream === null ? 'for every stream' : `for stream "${stream}"`;
        throw new HttpError(
          'gate_not_closed',
          `The gate in use is not closed ${where}. GET /v1/gate says where it is, in \`closed\`.`,
        );
      }
      sendNothing(response);
    },
  };
}
