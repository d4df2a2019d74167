import type { Oversight } from '../../../oversight/oversight.ts';
import { HttpError } from '../http-error.ts';
import { parseQuery } from '../body/parse-request.ts';
import { whatIfQuery, whatIfSchema } from '../../../wire/what-if.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

/** What another threshold would have meant, from what is stored. */
export function whatIfRoute(oversight: Oversight): Route {
  return {
    method: 'get',
    path: '/v1/gate/what-if',
    access: 'admin',
    operation: {
      operationId: 'whatIf',
      tags: ['model'],
      summary: 'What the gate would have done at another threshold',
      description:
        'From the values that were answered. The bound holds for a threshold that is fixed ' +
        'beforehand: whoever picks one by its bound calibrates again.',
      requestParams: { query: whatIfQuery },
      responses: {
        200: { description: 'The answer.', content: { 'application/json': { schema: whatIfSchema } } },
      },
    },
    problems: ['invalid_request', 'no_gate', 'queue_closed'],
    handle: async (request, response) => {
      const { threshold, seconds_per_label: pace, limit } = parseQuery(whatIfQuery, request);
      const answer = await oversight.whatIf(threshold, limit);
      if (answer === null) {
        throw new HttpError(
          'no_gate',
          'There is no valid gate, so every image goes to review. See GET /v1/gate.',
        );
      }
      const reviewed = answer.predictions - answer.automatic;
      sendJson(response, 200, { threshold, ...answer, reviewer_hours: (reviewed * pace) / 3600 });
    },
  };
}
