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
 * Final audit labels that are alike: the same probability of having been drawn, the same verdict on the
 * machine, the same group of streams.
 */
export interface AuditOutcome {
  readonly agrees: boolean;
  readonly inclusionProbability: number;
  /** One of the window's, or OTHER_STREAMS. */
  readonly stream: string;
  readonly count: number;
}

/** What is needed to estimate how often the machine is wrong where it decides alone. */
export interface AuditOutcomes {
  /** Decisions `auto` in the window, audited or not. */
  readonly autoDecisions: number;
  /** Audits of them that people have labelled. Those that wait, are disputed or discarded are not counted. */
  readonly outcomes: readonly AuditOutcome[];
}
