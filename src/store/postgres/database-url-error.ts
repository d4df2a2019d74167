import { CodedError } from '../../coded-error.ts';

/** A `DATABASE_URL` that cannot be used. Its message names the fault and never a value that may be secret. */
export class DatabaseUrlError extends CodedError<'bad_database_url'> {
  override readonly name = 'DatabaseUrlError';

  constructor(message: string) {
    super('bad_database_url', message);
  }
}
