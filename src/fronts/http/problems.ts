import type { ErrorRequestHandler, RequestHandler } from 'express';
import { AccessError, type AccessErrorCode } from '../../access/access-error.ts';
import { CodedError, type ErrorDetails } from '../../coded-error.ts';
import type { PredictionErrorCode } from '../../prediction/prediction-error.ts';
import type { StoreErrorCode } from '../../store/store-error.ts';
import type { Log } from '../../telemetry/log.ts';
import { type ProblemCode, PROBLEMS, type ProblemStatus } from '../../wire/problems.ts';
import { boundedProblem } from './bounded-problem.ts';
import { HttpError, type HttpErrorCode } from './http-error.ts';
import { contextOf } from './server/request-context.ts';
import { cutOff, sendText } from './server/sending.ts';

/** Codes of errors that are thrown below this front or in it. One that the table lacks does not compile. */
type ThrownCode = PredictionErrorCode | StoreErrorCode | AccessErrorCode | HttpErrorCode;

const STATUSES: Readonly<Record<ThrownCode, ProblemStatus>> = PROBLEMS;

interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly members?: ErrorDetails;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Where nothing else tells, come again after so many seconds: an engine restarts, or works off a queue, in
 * less.
 */
const RETRY_AFTER = '1';
/** People label a few images a minute. */
const RETRY_AFTER_LABELS = '60';

export function unknownRoute(): RequestHandler {
  return (request) => {
    const asked = `${request.method} ${request.path.slice(0, 200)}`;
    throw new HttpError(
      'unknown_route',
      `There is no route ${asked}. GET /openapi.json lists those there are.`,
    );
  };
}

/**
 * Answers every error as RFC 9457 has it. What nobody expected is logged with its stack and told to nobody.
 */
export function answerProblem(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { id, route } = contextOf(response);
    const { code, detail: said, members: facts, headers } = problemOf(error, id);
    const { detail, members } = boundedProblem(said, facts);
    if (code === 'internal') {
      log.error(
        { err: error, id, method: request.method, route: route?.path ?? 'unmatched' },
        'unexpected error',
      );
    }
    if (code === 'database_unavailable' && error instanceof Error) {
      // The caller is not told why; whoever runs the service must be.
      log.warn({ err: error.cause, id }, 'the database does not answer');
    }
    if (response.headersSent) {
      // Half an answer is out: cutting it short is the only way left to say that it is none.
      cutOff(response);
      return;
    }
    const { status, title } = PROBLEMS[code];
    for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
    const document = { type: `urn:sensigate:problem:${code}`, title, status, code, detail, ...members };
    try {
      sendText(response, status, 'application/problem+json', JSON.stringify(document));
    } catch {
      // So many answers wait on this connection that not even this one fits beside them.
      cutOff(response);
    }
  };
}

function problemOf(error: unknown, requestId: string): Problem {
  if (isThrown(error)) {
    const { code } = error;
    // One that no request can bring about is no more expected than other errors.
    if (STATUSES[code].status !== 500) {
      return { code, detail: error.message, members: error.details, headers: headersOf(error) };
    }
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

function isThrown(error: unknown): error is CodedError<ThrownCode> {
  return error instanceof CodedError && Object.hasOwn(STATUSES, (error as CodedError).code);
}

function headersOf(error: CodedError<ThrownCode>): Readonly<Record<string, string>> {
  if (error instanceof HttpError) return error.headers;
  if (error instanceof AccessError) return accessHeaders(error);
  if (error.code === 'too_many_open_items') return { 'retry-after': RETRY_AFTER_LABELS };
  const again = STATUSES[error.code].status === 503 || error.code === 'idempotency_key_in_use';
  return again ? { 'retry-after': RETRY_AFTER } : {};
}

/** RFC 6750 for who is not let in, Retry-After for who asks too often. */
function accessHeaders({ code, facts }: AccessError): Readonly<Record<string, string>> {
  const { retrySeconds, scope, presented } = facts;
  const realm = 'Bearer realm="sensigate"';
  switch (code) {
    case 'unauthorized':
    case 'expired_credential':
      return { 'www-authenticate': presented === false ? realm : `${realm}, error="invalid_token"` };
    case 'forbidden':
      return { 'www-authenticate': `${realm}, error="insufficient_scope", scope="${scope ?? ''}"` };
    default:
      return retrySeconds === undefined ? {} : { 'retry-after': String(retrySeconds) };
  }
}
