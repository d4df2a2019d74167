import type { z } from 'zod';
import type { Checked } from '../../../plain-text.ts';
import type { TrailQuery } from '../../../store/trail.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { parseQuery } from '../body/parse-request.ts';
import { instant } from '../instant.ts';
import { auditTrailQuery, auditTrailSchema } from '../../../wire/audit-trail.ts';
import type { Route } from '../route.ts';
import { reserve } from '../server/downloads.ts';
import { sendJson } from '../server/send-json.ts';

/** Of most entries; one with a long note has more. */
const ENTRY_BYTES = 512;

/** Who labelled, exported, or changed what the service runs with. */
export function auditTrailRoute({ trail }: Pick<CheckedStore, 'trail'>): Route {
  return {
    method: 'get',
    path: '/v1/audit-trail',
    access: 'admin',
    operation: {
      operationId: 'getAuditTrail',
      tags: ['service'],
      summary: 'Who did what, newest first',
      description:
        'Labels, discards, undos and reassignments; exports of labels; deletions of images; changes of ' +
        'the gate and of the API keys. Nothing in it can be changed or deleted, which the database ' +
        'itself refuses.',
      requestParams: { query: auditTrailQuery },
      responses: {
        200: { description: 'One page.', content: { 'application/json': { schema: auditTrailSchema } } },
      },
    },
    problems: ['invalid_request', 'bad_cursor', 'queue_closed'],
    handle: async (request, response) => {
      const query = trailQuery(parseQuery(auditTrailQuery, request));
      reserve(response, query.limit * ENTRY_BYTES);
      const { entries, nextCursor } = await trail.read(query);
      sendJson(response, 200, {
        entries: entries.map(({ atMs, ...entry }) => ({ at: instant(atMs), ...entry })),
        next_cursor: nextCursor,
      });
    },
  };
}

/** The query without the parameters that were not sent. */
function trailQuery(query: z.infer<typeof auditTrailQuery>): Checked<TrailQuery> {
  const { act, who, since, until, cursor, limit } = query;
  return {
    limit,
    ...(act === undefined ? {} : { act }),
    ...(who === undefined ? {} : { who }),
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { untilMs: Date.parse(until) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}
