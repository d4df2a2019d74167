import { z } from 'zod';

export interface ProblemStatus {
  readonly status: number;
  /** RFC 9457: the same for every occurrence. */
  readonly title: string;
}

/**
 * Every `code` that a problem document can have, with its HTTP status and title: the one table of all errors
 * that reach a caller.
 */
export const PROBLEMS = {
  empty_image: { status: 400, title: 'The image is empty' },
  unsupported_image_type: { status: 415, title: 'The image has a type that is not accepted' },
  unreadable_image: { status: 422, title: 'The image cannot be decoded' },
  truncated_image: { status: 422, title: 'The image ends too early' },
  image_too_large: { status: 413, title: 'The image has too many pixels' },
  image_too_costly: { status: 413, title: 'The image takes too much memory to decode' },

  engine_busy: { status: 503, title: 'Too much work is waiting' },
  engine_unavailable: { status: 503, title: 'The inference engine is not running' },
  request_exceeds_queue: { status: 422, title: 'The request is larger than the queue' },
  no_map: { status: 409, title: 'The item has no sensitivity map' },
  input_too_large_for_exact: { status: 422, title: 'The input is too large for the exact method' },

  body_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The request body has a type that is not accepted' },
  bad_json: { status: 400, title: 'The request body is not JSON' },
  invalid_request: { status: 400, title: 'The request is not as described' },
  malformed_multipart: { status: 400, title: 'The multipart body is malformed' },
  unexpected_part: { status: 400, title: 'The multipart body has an unexpected part' },
  part_without_file: { status: 400, title: 'A part of the multipart body holds no file' },
  no_image: { status: 400, title: 'The multipart body holds no image' },
  too_many_parts: { status: 400, title: 'The multipart body has too many parts' },
  downloads_busy: { status: 503, title: 'Too many answers wait to be read' },
  uploads_busy: { status: 503, title: 'Too many uploads are under way' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  malformed_http: { status: 400, title: 'The request is not HTTP' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  upload_aborted: { status: 400, title: 'The request body ended too early' },

  unauthorized: { status: 401, title: 'A valid API key or JWT is needed' },
  expired_credential: { status: 401, title: 'The API key or JWT has expired' },
  forbidden: { status: 403, title: 'The API key or JWT may not do this' },
  forbidden_origin: { status: 403, title: 'The request does not come from this machine' },
  rate_limited: { status: 429, title: 'Too many requests' },
  too_many_open_items: { status: 429, title: 'Too many images of this caller wait for people' },
  too_many_failures: { status: 429, title: 'Too many wrong credentials' },
  jwks_unavailable: { status: 503, title: 'JWTs cannot be checked' },

  unknown_route: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The route does not take this method' },
  another_model: { status: 409, title: 'The item was made by another model' },
  no_alarm: { status: 409, title: 'No alarm stands there' },
  gate_not_closed: { status: 409, title: 'The gate is not closed' },
  no_gate: { status: 409, title: 'There is no valid gate' },
  prediction_forgotten: { status: 410, title: 'The prediction was forgotten' },
  unknown_item: { status: 404, title: 'No such item' },
  lease_lost: { status: 409, title: 'The lease has ended' },
  nothing_to_undo: { status: 409, title: 'There is nothing to undo' },
  label_exported: { status: 409, title: 'The label is exported' },
  item_decided: { status: 409, title: 'The item is decided' },
  already_answered: { status: 409, title: 'This person has answered already' },
  nothing_to_settle: { status: 409, title: 'Nobody has answered yet' },
  unknown_label: { status: 422, title: 'The model has no such label' },

  idempotency_key_in_use: { status: 409, title: 'The request with this key is not answered yet' },
  idempotency_key_reused: { status: 422, title: 'The key belongs to another request' },

  bad_cursor: { status: 400, title: 'The cursor is not from this list' },
  queue_closed: { status: 503, title: 'The service is shutting down' },
  database_unavailable: { status: 503, title: 'The database does not answer' },
  duplicate_id: { status: 500, title: 'Something went wrong here' },
  newer_database: { status: 500, title: 'Something went wrong here' },
  unsuitable_database: { status: 500, title: 'Something went wrong here' },

  not_ready: { status: 503, title: 'The service is not ready' },
  internal: { status: 500, title: 'Something went wrong here' },
} as const satisfies Readonly<Record<string, ProblemStatus>>;

export type ProblemCode = keyof typeof PROBLEMS;

export const problemSchema = z
  .looseObject({
    type: z.string().describe('`urn:sensigate:problem:` and the code.'),
    title: z.string(),
    status: z.int(),
    code: z
      .enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]])
      .describe('Stable: decide by this.'),
    detail: z.string().describe('For people: what was expected, what came, what to do.'),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .describe('Of `invalid_request`: all that is wrong.'),
    position: z.int().optional().describe('Of a refused image: which one of the request it was, from 0.'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. Some codes have further members.' });
