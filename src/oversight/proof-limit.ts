/** Audits a day that the rate of false proofs is stated for. */
export const AUDITS_A_DAY = 100;

/** Probability at most that a promise which is kept is called broken within a year. */
export const FALSE_PROOFS_A_YEAR = 0.015;

/**
 * What the evidence of a break must reach. At most AUDITS_A_DAY are bet on a day, so a promise that is kept
 * is called broken with probability at most FALSE_PROOFS_A_YEAR in 365 days (see createChangeTest).
 */
export const PROOF_LIMIT = (365 * AUDITS_A_DAY) / FALSE_PROOFS_A_YEAR;
