import { CodedError } from '../coded-error.ts';

/** The service cannot listen where its settings say. The message names the setting. */
export class ListenError extends CodedError<'address_not_available'> {
  override readonly name = 'ListenError';
}

/** What node's error means for the settings; null where they have no part in it. */
export function listenError(error: unknown, host: string, port: number): ListenError | null {
  const { code = '' } = error as NodeJS.ErrnoException;
  const about: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} of ${host} is in use by another program: PORT or --port sets another`,
    EACCES: `this user may not listen on port ${port}: PORT or --port sets another, 1024 or above`,
    EADDRNOTAVAIL: `${host} is not an address of this machine: HOST or --host sets another`,
    ENOTFOUND: `no host has the name ${host}: HOST or --host sets another`,
    EAI_AGAIN: `the name ${host} cannot be looked up: HOST or --host sets another`,
  };
  const message = about[code];
  return message === undefined
    ? null
    : new ListenError('address_not_available', message, {}, { cause: error });
}
