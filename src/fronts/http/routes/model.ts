import type { AuditReport, Oversight } from '../../../oversight/oversight.ts';
import {
  type GateAnswer,
  type GateClosing,
  modelSchema,
  type ServedGate,
  servedGateSchema,
  type ServedModel,
} from '../../../wire/model.ts';
import type { JsonReader } from '../body/json-body.ts';
import { instant } from '../instant.ts';
import { callerOf } from '../server/request-context.ts';
import type { Route } from '../route.ts';
import { sendJson } from '../server/send-json.ts';
import { type Promised, reopenRoute } from './reopen.ts';
import { whatIfRoute } from './what-if.ts';

/** What is served and what gates it. */
export function modelRoutes(
  model: ServedModel,
  gate: () => ServedGate,
  oversight: Oversight,
  promise: Promised,
  readJson: JsonReader,
): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/model',
      access: 'any_key',
      operation: {
        operationId: 'getModel',
        tags: ['model'],
        summary: 'The model that is served',
        responses: {
          200: { description: 'The model.', content: { 'application/json': { schema: modelSchema } } },
        },
      },
      problems: [],
      handle: (_request, response) => {
        sendJson(response, 200, model);
      },
    },
    {
      method: 'get',
      path: '/v1/gate',
      access: 'any_key',
      operation: {
        operationId: 'getGate',
        tags: ['model'],
        summary: 'The gate that decides between `auto` and `review`',
        responses: {
          200: {
            description: 'The gate, or null and the reason why there is none.',
            content: { 'application/json': { schema: servedGateSchema } },
          },
        },
      },
      problems: ['queue_closed'],
      handle: async (_request, response) => {
        // A reviewer who saw the counts move after an answer would know which items are audits.
        const isLead = callerOf(response).scopes.includes('admin');
        sendJson(response, 200, {
          ...gate(),
          audit: isLead ? reportOf(await oversight.audit()) : null,
          closed: isLead ? promise.closed().map(closingOf) : null,
        });
      },
    },
    reopenRoute(promise, readJson),
    whatIfRoute(oversight),
  ];
}

function reportOf(report: AuditReport | null): GateAnswer['audit'] {
  return (
    report && {
      ...report,
      tests: report.tests.map(({ eValue, brokenMs, spareErrors: _, ...test }) => ({
        ...test,
        e_value: eValue,
        broken_since: brokenMs === null ? null : instant(brokenMs),
      })),
    }
  );
}

function closingOf({ stream, closedMs, proof }: ReturnType<Promised['closed']>[number]): GateClosing {
  return { stream, since: instant(closedMs), labels: Number(proof.labels), errors: Number(proof.errors) };
}
