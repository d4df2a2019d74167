import type { LeaseOutcome, SettleOutcome, UndoRefusal } from '../../store/reviewing.ts';
import { CodedError, type ErrorDetails } from '../../coded-error.ts';

export type HttpErrorCode =
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'bad_json'
  | 'invalid_request'
  | 'malformed_multipart'
  | 'unexpected_part'
  | 'part_without_file'
  | 'no_image'
  | 'too_many_parts'
  | 'upload_aborted'
  | 'uploads_busy'
  | 'downloads_busy'
  | 'request_timeout'
  | 'malformed_http'
  | 'headers_too_large'
  | 'forbidden_origin'
  | 'unknown_route'
  | 'method_not_allowed'
  | 'unknown_label'
  | 'prediction_forgotten'
  | 'another_model'
  | 'no_alarm'
  | 'no_gate'
  | 'gate_not_closed'
  | 'not_ready'
  | 'internal'
  | UndoRefusal
  | Exclude<LeaseOutcome | SettleOutcome, 'done'>;

export interface HttpErrorExtras {
  /** Further members of the problem document. */
  readonly members?: ErrorDetails;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is refused. The message goes to the caller: what was expected, what came, what to do. */
export class HttpError extends CodedError<HttpErrorCode> {
  override readonly name = 'HttpError';
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: HttpErrorCode, message: string, { members = {}, headers = {} }: HttpErrorExtras = {}) {
    super(code, message, members);
    this.headers = headers;
  }
}
