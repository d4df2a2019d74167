import type { ErrorRequestHandler, RequestHandler } from 'express';
import { EngineError } from '../../engine/engine-error.ts';
import { ImageError } from '../../model/image-error.ts';
import { IdempotencyError } from '../../prediction/idempotency-error.ts';
import { StoreError } from '../../store/store-error.ts';
import type { Log } from '../../telemetry/log.ts';
import { HttpError, type HttpErrorExtras } from './http-error.ts';
import { PROBLEM_STATUSES, type ProblemCode } from '../../wire/problems.ts';
import { contextOf } from './server/request-context.ts';
import { sendText } from './server/send-json.ts';

interface Problem extends HttpErrorExtras {
  readonly code: ProblemCode;
  readonly detail: string;
}

/** Where nothing else tells, come again after so many seconds: an engine restarts, or works off a queue, in less. */
const RETRY_AFTER = '1';

export function unknownRoute(): RequestHandler {
  return (request) => {
    const asked = `${request.method} ${request.path.slice(0, 200)}`;
    throw new HttpError(
      'unknown_route',
      `There is no route ${asked}. GET /openapi.json lists those there are.`,
    );
  };
}

/** Answers every error as RFC 9457 has it. What nobody expected is logged with its stack and told to nobody. */
export function answerProblem(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { id, route } = contextOf(response);
    const { code, detail, members, headers } = problemOf(error, id);
    if (code === 'internal') {
      log.error(
        { err: error, id, method: request.method, route: route?.path ?? 'unmatched' },
        'unexpected error',
      );
    }
    if (code === 'database_unavailable' && error instanceof StoreError) {
      // The caller is not told why; whoever runs the service must be.
      log.warn({ err: error.cause, id }, 'the database does not answer');
    }
    if (response.headersSent) {
      // Half an answer is out: cutting it short is the only way left to say that it is none.
      response.destroy();
      return;
    }
    const { status, title } = PROBLEM_STATUSES[code];
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    const document = { type: `urn:sensigate:problem:${code}`, title, status, code, detail, ...members };
    sendText(response, status, 'application/problem+json', JSON.stringify(document));
  };
}

function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof HttpError) {
    return { code: error.code, detail: error.message, members: error.members, headers: error.headers };
  }
  if (error instanceof ImageError) {
    return { code: error.code, detail: error.message, members: { position: error.position } };
  }
  if (error instanceof EngineError || error instanceof StoreError) {
    const { status } = PROBLEM_STATUSES[error.code];
    const headers = status === 503 ? { 'retry-after': RETRY_AFTER } : {};
    // One that no request can bring about is as unexpected as any other, whatever its code.
    if (status !== 500) return { code: error.code, detail: error.message, headers };
  }
  if (error instanceof IdempotencyError) {
    const headers = error.code === 'idempotency_key_in_use' ? { 'retry-after': RETRY_AFTER } : {};
    return { code: error.code, detail: error.message, headers };
  }
  if (error instanceof URIError && 'status' in error) {
    return {
      code: 'invalid_request',
      detail: 'Expected a path in percent-encoded UTF-8; it cannot be decoded.',
    };
  }
  return {
    code: 'internal',
    detail: `An unexpected error; it is in the service's log. Tell its operator the request id ${requestId}.`,
  };
}
