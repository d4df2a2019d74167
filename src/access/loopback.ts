import { plainAddress } from './client-address.ts';

/** Whether a name or an address, in brackets or not, is of this machine alone: all of 127/8, and ::1. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const address = plainAddress(host);
  return address !== null && (address === '::1' || address.startsWith('127.'));
}
