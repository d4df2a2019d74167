import { CodedError } from '../coded-error.ts';

export type IdempotencyErrorCode =
  'idempotency_key_in_use' | 'idempotency_key_reused' | 'prediction_forgotten';

/**
 * A request under a key that belongs to another request, or to one that is not answered yet. Nothing was
 * changed.
 */
export class IdempotencyError extends CodedError<IdempotencyErrorCode> {
  override readonly name = 'IdempotencyError';
}
