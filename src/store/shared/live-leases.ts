import { LONGEST_LEASE_SECONDS } from '../../longest-lease.ts';

/** A clock that is set right by less than this ends no lease. */
const CLOCK_STEP_SECONDS = 60;

/**
 * The end of a live lease lies ahead, and no further than the end of one that is given now. What lies further
 * was given while the clock ran ahead and has been set back since; it would hold its item until then, for
 * years perhaps.
 */
const FURTHEST_MS = (LONGEST_LEASE_SECONDS + CLOCK_STEP_SECONDS) * 1000;

/** SQL: somebody holds the item. A range of the index of ends. */
export const heldAt = (now: string): string =>
  `lease_expires_ms > ${now} AND lease_expires_ms <= ${now} + ${FURTHEST_MS}`;

/** SQL: nobody does. */
export const freeAt = (now: string): string =>
  `(lease_expires_ms IS NULL OR lease_expires_ms <= ${now} OR lease_expires_ms > ${now} + ${FURTHEST_MS})`;

/** The same of a row that was read at `nowMs`. */
export function isHeld(expiresMs: number | null, nowMs: number): boolean {
  return expiresMs !== null && expiresMs > nowMs && expiresMs <= nowMs + FURTHEST_MS;
}
