/** The one final label of an input: the person's where it is in review, else the machine's. */
export interface ExportedLabel {
  /** Place in the order of export; give the last one received as `since` to go on behind it. */
  readonly cursor: string;
  readonly id: string;
  readonly label: string;
  readonly source: 'machine' | 'human';
  /** Who gave this label, in the order in which they did; empty for the machine's. */
  readonly reviewers: readonly string[];
  readonly note: string | null;
  readonly createdMs: number;
  /** When the label became final. */
  readonly decidedMs: number;
  readonly reasons: readonly string[];
  readonly inclusionProbability: number;
  /** What the machine says, whoever decided. */
  readonly predictedLabel: string | null;
  readonly modelDigest: string;
  readonly gateId: string | null;
  readonly inputHash: string;
}

export interface ExportRequest {
  /** Cursor of the last label that the consumer has; null from the start. */
  readonly since: string | null;
  /** Labels at most; all that are final where absent. */
  readonly limit?: number;
}

/** Final labels for those who train on them. */
export interface Labels {
  /**
   * Final labels in a total order that never changes, each once. Those that are given can no longer be
   * undone.
   *
   * @throws StoreError `bad_cursor`
   */
  exportLabels(request: ExportRequest): AsyncIterable<ExportedLabel>;
}
