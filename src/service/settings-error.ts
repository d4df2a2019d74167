import { CodedError } from '../coded-error.ts';

/** Settings that don't hold. The message names every one of them, and what was expected of it. */
export class SettingsError extends CodedError<'wrong_settings'> {
  override readonly name = 'SettingsError';

  constructor(message: string) {
    super('wrong_settings', message);
  }
}
