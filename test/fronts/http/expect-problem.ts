import assert from 'node:assert/strict';
import { PROBLEMS, type ProblemCode } from '../../../src/wire/problems.ts';

export interface ProblemDocument {
  readonly code: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

/** Holds `response` to RFC 9457 and to `code`; the status is what the code stands for. */
export async function expectProblem(
  response: Response,
  code: ProblemCode,
  status: number,
): Promise<ProblemDocument> {
  const document = (await response.json()) as ProblemDocument;
  assert.equal(document.code, code, JSON.stringify(document));
  assert.equal(response.status, status);
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  assert.equal(document.status, status);
  assert.equal(document.type, `urn:sensigate:problem:${code}`);
  assert.equal(document.title, PROBLEMS[code].title);
  assert.ok(document.detail.length > 20, `too short to help: ${document.detail}`);
  return document;
}
