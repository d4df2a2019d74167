import type { AuditOutcome } from './audit-outcomes.ts';

/** Whole days in UTC, from the day of `sinceMs` on; what is decided, of one model and gate. */
export interface DayRange {
  readonly modelDigest: string;
  readonly gateId: string | null;
  /** A midnight in UTC. */
  readonly sinceMs: number;
  readonly days: number;
  /** As of `AuditWindow`. */
  readonly streams?: readonly string[];
}

/** The inputs of one group of streams, as the gate decided them. */
export interface StreamCounts {
  /** One of the range's, or OTHER_STREAMS. */
  readonly stream: string;
  readonly flagged: number;
  readonly automatic: number;
}

/** What happened on one day, or belongs to the inputs of that day. */
export interface DayCounts {
  /** Its midnight in UTC. */
  readonly dayMs: number;
  /** Answers given on this day, of all models, that stand. */
  readonly labelled: number;
  readonly discarded: number;
  /** Inputs of this day, as the gate decided them. */
  readonly flagged: number;
  readonly automatic: number;
  /** The same by stream: each of the range's, and all others together last. */
  readonly streams: readonly StreamCounts[];
  /** Audits of this day's automatic decisions that people have judged, whenever they did. */
  readonly outcomes: readonly AuditOutcome[];
}

export const DAY_MS = 24 * 3600 * 1000;
