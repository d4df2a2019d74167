/** Which of the machine's decisions are judged. */
export interface AuditWindow {
  readonly modelDigest: string;
  readonly gateId: string | null;
  /** Inputs recorded from then on. */
  readonly sinceMs: number;
}

/**
 * Final audit labels that are alike: the same probability of having been drawn, the same verdict on the
 * machine.
 */
export interface AuditOutcome {
  readonly agrees: boolean;
  readonly inclusionProbability: number;
  readonly count: number;
}

/** What is needed to estimate how often the machine is wrong where it decides alone. */
export interface AuditOutcomes {
  /** Decisions `auto` in the window, audited or not. */
  readonly autoDecisions: number;
  /** Audits of them that people have labelled. Those that wait, are disputed or discarded are not counted. */
  readonly outcomes: readonly AuditOutcome[];
}
