import { CodedError } from '../coded-error.ts';

export type StoreErrorCode =
  | 'bad_cursor'
  | 'duplicate_id'
  | 'too_many_open_items'
  | 'queue_closed'
  | 'newer_database'
  | 'unsuitable_database'
  | 'database_unavailable';

/** A request that the review queue refuses, and that its caller can act on. Nothing was changed. */
export class StoreError extends CodedError<StoreErrorCode> {
  override readonly name = 'StoreError';
}
