/**
 * The longest lease that anybody may ask for. Whatever ends later was given while a clock ran ahead, so that
 * the store takes it for no lease at all (store/shared/live-leases.ts).
 */
export const LONGEST_LEASE_SECONDS = 3600;
