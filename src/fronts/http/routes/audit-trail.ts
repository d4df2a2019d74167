import { z } from 'zod';
import { TRAIL_ACTS, type TrailQuery } from '../../../store/trail.ts';
import type { Store } from '../../../store/store.ts';
import { parseQuery } from '../body/parse-request.ts';
import { instant } from './review-item.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';

const act = z.enum(TRAIL_ACTS);
const time = z.iso.datetime({ offset: true });

const query = z.strictObject({
  act: act.optional(),
  who: z.string().min(1).max(200).optional().describe('Id of a caller.'),
  since: time.optional().describe('From then on.'),
  until: time.optional().describe('Before then.'),
  cursor: z.string().max(500).optional().describe('`next_cursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const pageSchema = z
  .object({
    entries: z.array(
      z.object({
        at: z.string().meta({ format: 'date-time' }),
        act,
        who: z
          .string()
          .nullable()
          .describe(
            'The id of a key, `jwt:` and the subject of a JWT, or `cli:` and who ran a command; null where a file was changed.',
          ),
        item: z.string().nullable().describe('Id of the item; null for what concerns the whole service.'),
        detail: z
          .record(z.string(), z.unknown())
          .describe(
            'The `label`, the `note` of a discard, `to` whom; what was exported; of a change what was before (`from`) and is now (`to`).',
          ),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AuditTrail' });

/** Who labelled, exported, or changed what the service runs with. */
export function auditTrailRoute({ trail }: Pick<Store, 'trail'>): Route {
  return {
    method: 'get',
    path: '/v1/audit-trail',
    access: 'admin',
    operation: {
      operationId: 'getAuditTrail',
      tags: ['service'],
      summary: 'Who did what, newest first',
      description:
        'Labels, discards, undos and reassignments; exports of labels; deletions of images; changes of the gate and of the ' +
        'API keys. Nothing in it can be changed or deleted, which the database itself refuses.',
      requestParams: { query },
      responses: {
        200: { description: 'One page.', content: { 'application/json': { schema: pageSchema } } },
      },
    },
    problems: ['invalid_request', 'bad_cursor', 'queue_closed'],
    handle: async (request, response) => {
      const { entries, nextCursor } = await trail.read(trailQuery(parseQuery(query, request)));
      sendJson(response, 200, {
        entries: entries.map(({ atMs, ...entry }) => ({ at: instant(atMs), ...entry })),
        next_cursor: nextCursor,
      });
    },
  };
}

/** The query without the parameters that were not sent. */
function trailQuery({ act, who, since, until, cursor, limit }: z.infer<typeof query>): TrailQuery {
  return {
    limit,
    ...(act === undefined ? {} : { act }),
    ...(who === undefined ? {} : { who }),
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}
