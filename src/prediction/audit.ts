import { createHash } from 'node:crypto';

/** How many automatic labels people look at all the same. */
export interface Audit {
  /** Probability that an automatic label is audited. */
  readonly rate: number;
  /** Whoever knows it knows which inputs are audited. */
  readonly salt: string;
}

/**
 * Whether an input is audited: by a hash of its pixels and the salt, so that a repeated input has the same
 * outcome.
 */
export function isAudited(inputHash: string, { rate, salt }: Audit): boolean {
  const digest = createHash('sha256').update(salt).update('\0').update(inputHash).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48 < rate;
}
