/** Which of the machine's decisions are judged. */
export interface AuditWindow {
  readonly modelDigest: string;
  readonly gateId: string | null;
  /** Inputs recorded from then on. */
  readonly sinceMs: number;
  /** Streams that are counted each by itself; all others are one group. None where absent. */
  readonly streams?: readonly string[];
}

/**
 * Audits that are alike: the same probability of having been drawn, the same verdict on the machine, the same
 * group of streams.
 */
export interface AuditOutcome {
  /** False where two people, each of whom sees no other's answer, or one and a lead, say that it is wrong. */
  readonly agrees: boolean;
  readonly inclusionProbability: number;
  /** One of the window's, or OTHER_STREAMS. */
  readonly stream: string;
  readonly count: number;
}

/**
 * Why an audit that people have answered says nothing yet, or never will: one person alone finds the machine
 * wrong; nobody could judge the image; it was to be left out.
 */
export const UNJUDGED = ['unconfirmed', 'unreadable', 'discarded'] as const;

export type Unjudged = (typeof UNJUDGED)[number];

/** Audits that are alike, and are neither right nor wrong. */
export interface UnjudgedAudits extends Omit<AuditOutcome, 'agrees'> {
  readonly why: Unjudged;
}

/** What is needed to estimate how often the machine is wrong where it decides alone. */
export interface AuditOutcomes {
  /** Decisions `auto` in the window, audited or not. */
  readonly autoDecisions: number;
  /** Audits of them on which people have found that the machine is right or wrong. */
  readonly outcomes: readonly AuditOutcome[];
  /**
   * The others that somebody has answered. Whoever claims that few labels are wrong has to count
   * `unconfirmed` as wrong; whoever claims that many are, must not.
   */
  readonly unjudged: readonly UnjudgedAudits[];
}
