/** A place in the order in which audits were labelled. */
export interface AuditPlace {
  readonly decidedMs: number;
  readonly itemId: string;
}

/** Which audit labels of a model are read. */
export interface AuditLabelRange {
  readonly modelDigest: string;
  /** Those behind it; null for all from the first on. */
  readonly after: AuditPlace | null;
  readonly limit: number;
  /** Whether those up to `after` are counted, which takes longer the more they are. */
  readonly counted?: true;
}

/** An audit that is decided, as far as a test of the promise asks. */
export interface AuditLabel extends AuditPlace {
  /** When the machine answered, by the service's clock. */
  readonly answeredMs: number;
  readonly gateId: string | null;
  /** As the caller named it; null without one. */
  readonly stream: string | null;
  /** As of AuditOutcome; null where it is neither right nor wrong (audit-outcomes.ts: Unjudged). */
  readonly agrees: boolean | null;
  readonly inclusionProbability: number;
}

export interface AuditLabels {
  /** By the time at which they became final, on the store's clock; of one time by the item's id. */
  readonly labels: readonly AuditLabel[];
  /**
   * How many there are now up to `after`; null where they are not counted. It differs from how many were read
   * where a label was taken back, or committed late.
   */
  readonly before: number | null;
}
