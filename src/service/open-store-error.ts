import { CodedError } from '../coded-error.ts';

export type OpenStoreErrorCode =
  | 'missing_database'
  | 'not_our_database'
  | 'older_schema'
  | 'newer_schema'
  | 'not_connected'
  | 'database_in_use'
  | 'backup_exists';

/** A database that cannot be opened as it is. The message names it and the setting that says which it is. */
export class OpenStoreError extends CodedError<OpenStoreErrorCode> {
  override readonly name = 'OpenStoreError';
}
