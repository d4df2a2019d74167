import express, { type Express, type Request } from 'express';
import { plainAddress } from '../../../access/client-address.ts';

/**
 * Whether an address is one of `proxies`, however it is written.
 *
 * @param proxies Addresses, networks, or Express's names of some.
 */
export function trustedProxy(proxies: readonly string[]): (address: string, hop?: number) => boolean {
  const app = express();
  app.set('trust proxy', [...proxies]);
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean;
  return (address, hop = 0) => {
    const plain = plainAddress(address);
    return plain !== null && trusts(plain, hop);
  };
}

/**
 * Has `app` believe X-Forwarded-For of these proxies, also where it names them with a port, as some do.
 *
 * @param proxies Addresses, networks, or Express's names of some.
 */
export function trustProxies(app: Express, proxies: readonly string[]): void {
  app.set('trust proxy', trustedProxy(proxies));
}

/** Where a request comes from: what a trusted proxy names; where that is no address, whoever is connected. */
export function clientAddressOf({ ip = '', socket }: Request): string {
  const { remoteAddress = '' } = socket;
  return plainAddress(ip) ?? plainAddress(remoteAddress) ?? remoteAddress;
}
