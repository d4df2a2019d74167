import { CodedError } from '../coded-error.ts';

export type DatasetErrorCode = 'missing_data' | 'unknown_form' | 'bad_data' | 'bad_split';

/**
 * Data that cannot be taken at all. Whoever named it can act: the message says what was expected, what is
 * there and what to do.
 */
export class DatasetError extends CodedError<DatasetErrorCode> {
  override readonly name = 'DatasetError';
}
