import { networkOf } from './client-address.ts';

/** Which bound has no place left: that of one address, or that of all. */
export type ConnectionBound = 'address' | 'all';

/** A connection's place. */
export interface ConnectionPlace {
  /** Gives the place back; more than once is ignored. */
  leave(): void;
}

/** How many connections are open, from each address and in all. */
export interface ConnectionShares {
  /** Takes a place for a connection from `address`; the bound where none is left. */
  enter(address: string): ConnectionPlace | ConnectionBound;
  readonly taken: number;
}

export interface ConnectionShareOptions {
  readonly most: number;
  /** From one address; of IPv6 a network of 64 bits is one address, as for guesses. */
  readonly mostOfAddress: number;
  /** Addresses that speak for many, and have no share of their own: trusted proxies. */
  readonly speaksForMany: (address: string) => boolean;
}

export function createConnectionShares(options: ConnectionShareOptions): ConnectionShares {
  const { most, mostOfAddress, speaksForMany } = options;
  const byNetwork = new Map<string, number>();
  let taken = 0;

  return {
    get taken() {
      return taken;
    },
    enter: (address) => {
      const network = networkOf(address);
      const here = byNetwork.get(network) ?? 0;
      // First the cheaper refusal, and the one that names who is to blame.
      if (here >= mostOfAddress && !speaksForMany(address)) return 'address';
      if (taken >= most) return 'all';
      taken++;
      byNetwork.set(network, here + 1);
      let isLeft = false;
      return {
        leave: () => {
          if (isLeft) return;
          isLeft = true;
          taken--;
          const others = byNetwork.get(network)! - 1;
          if (others === 0) byNetwork.delete(network);
          else byNetwork.set(network, others);
        },
      };
    },
  };
}
