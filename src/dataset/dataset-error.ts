export type DatasetErrorCode = 'missing_data' | 'unknown_form' | 'bad_data' | 'bad_split';

/** Data that cannot be taken at all. Whoever named it can act: the message says what was expected, what is there and what to do. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly code: DatasetErrorCode;

  constructor(code: DatasetErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
