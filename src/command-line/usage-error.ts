import { CodedError } from '../coded-error.ts';

/**
 * Arguments that a command cannot be run with. The message names the argument, and says what was expected.
 */
export class UsageError extends CodedError<'wrong_arguments'> {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('wrong_arguments', message);
  }
}
