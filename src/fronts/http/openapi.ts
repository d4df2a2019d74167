import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import type { RouteAccess } from './server/request-context.ts';
import { PROBLEMS, type ProblemCode, problemSchema } from '../../wire/problems.ts';
import type { Route } from './route.ts';

/** The OpenAPI 3.1 document of `routes`. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return createDocument({
    openapi: '3.1.1',
    info: {
      title: 'Sensigate',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Classifies images, measures how sensitive each answer is, labels the stable ones itself and ' +
        'lets people ' +
        'label the others. Errors are RFC 9457 problem documents with a stable `code`. Where the ' +
        'service has no API ' +
        'keys it listens on this machine only, and every operation may be called without one.\n\n' +
        'Where requests are limited, every answer has `RateLimit-Policy` and `RateLimit` ' +
        '(draft-ietf-httpapi-ratelimit-headers): the quota `q` in `w` seconds, what remains `r`, and ' +
        'in how many seconds ' +
        '`t` it is whole again. Past it the answer is 429 with `Retry-After`.',
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'predictions', description: 'Images in, decided answers out.' },
      { name: 'reviews', description: 'The queue that people label from.' },
      { name: 'labels', description: 'What was decided, for those who train on it.' },
      { name: 'model', description: 'What is served and what gates it.' },
      { name: 'service', description: 'For those who run it.' },
    ],
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description:
            'A key with the scopes it was given, or a JWT of the issuer that the service trusts, ' +
            'with those in `scope` or `scp`.',
        },
      },
    },
    paths,
  });
}

function operationOf({ operation, access, problems }: Route): ZodOpenApiOperationObject {
  return {
    ...operation,
    security: securityOf(access),
    responses: {
      ...operation.responses,
      ...problemResponses([...problems, ...problemsOfAccess(access), ...problemsOfAll]),
    },
  };
}

/** Of every route: whoever calls from where, and does not read what was answered. */
const problemsOfAll: readonly ProblemCode[] = ['forbidden_origin', 'downloads_busy', 'internal'];

/** OpenAPI 3.1 lets a bearer scheme list role names here: the scope that the key must have. */
function securityOf(access: RouteAccess): { apiKey: string[] }[] {
  if (access === 'open') return [];
  return [{ apiKey: access === 'any_key' ? [] : [access] }];
}

function problemsOfAccess(access: RouteAccess): readonly ProblemCode[] {
  if (access === 'open') return [];
  const ofCredential: readonly ProblemCode[] = [
    'unauthorized',
    'expired_credential',
    'rate_limited',
    'too_many_failures',
    'jwks_unavailable',
  ];
  if (access === 'any_key') return ofCredential;
  // Whoever needs a scope asks for what the database holds.
  return [...ofCredential, 'forbidden', 'database_unavailable'];
}

const retryAfter = z.object({ 'retry-after': z.int().describe('Seconds.') });

/** One response a status, which names all of its codes. */
function problemResponses(codes: readonly ProblemCode[]): ZodOpenApiResponsesObject {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, sharing]) => [
      String(status),
      {
        ...(status === 429 ? { headers: retryAfter } : {}),
        description: sharing.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join('\n\n'),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
