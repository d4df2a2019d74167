import { z } from 'zod';
import type { Hindsight } from '../../../oversight/oversight.ts';
import { HttpError } from '../http-error.ts';
import { parseQuery } from '../body/parse-request.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

const query = z.strictObject({
  threshold: z.coerce.number().describe("In the unit of the gate's signal."),
  seconds_per_label: z.coerce.number().positive().max(86_400).default(5).describe('How fast people are.'),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('Of the latest predictions, so many are looked back at.'),
});

const whatIfSchema = z
  .object({
    threshold: z.number(),
    predictions: z.int(),
    automatic: z.int(),
    review_rate: z.number(),
    labelled: z.int().describe('Of the automatic ones, those with a person’s final label.'),
    errors: z.int().describe('Where it is not the machine’s.'),
    bound: z
      .number()
      .nullable()
      .describe('The selective risk is at most this, at this one threshold; null where labels are missing.'),
    confidence: z.number().describe('Of the bound.'),
    reviewer_hours: z.number().describe('That people would have spent on these predictions.'),
  })
  .meta({ id: 'WhatIf' });

/** What another threshold would have meant, from what is stored. */
export function whatIfRoute(hindsight: Hindsight): Route {
  return {
    method: 'get',
    path: '/v1/gate/what-if',
    access: 'admin',
    operation: {
      operationId: 'whatIf',
      tags: ['model'],
      summary: 'What the gate would have done at another threshold',
      description:
        'From the values that were answered. The bound holds for a threshold that is fixed beforehand: whoever picks one by its bound calibrates again.',
      requestParams: { query },
      responses: {
        200: { description: 'The answer.', content: { 'application/json': { schema: whatIfSchema } } },
      },
    },
    problems: ['invalid_request', 'no_gate', 'queue_closed'],
    handle: async (request, response) => {
      const { threshold, seconds_per_label: pace, limit } = parseQuery(query, request);
      const answer = await hindsight.whatIf(threshold, limit);
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
