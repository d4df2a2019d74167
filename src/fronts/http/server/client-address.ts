import type { Express, Request } from 'express';
import { plainAddress } from '../../../access/client-address.ts';

/**
 * Has `app` believe X-Forwarded-For of these proxies, also where it names them with a port, as some do.
 *
 * @param proxies Addresses, networks, or Express's names of some.
 */
export function trustProxies(app: Express, proxies: readonly string[]): void {
  app.set('trust proxy', [...proxies]);
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  app.set('trust proxy', (address: string, hop: number) => {
    const plain = plainAddress(address);
    return plain !== null && trusts(plain, hop);
  });
}

/** Where a request comes from: what a trusted proxy names; where that is no address, whoever is connected. */
export function clientAddressOf({ ip = '', socket }: Request): string {
  const { remoteAddress = '' } = socket;
  return plainAddress(ip) ?? plainAddress(remoteAddress) ?? remoteAddress;
}
