/**
 * A final label of an input: the person's where it is in review, else the machine's. What an audit says comes
 * beside the machine's label, which stays as it was.
 */
export interface ExportedLabel {
  /** Place in the order of export; give the last one received as `since` to go on behind it. */
  readonly cursor: string;
  /** The prediction's; of an audit its item's. */
  readonly id: string;
  readonly predictionId: string;
  /** The item in which a person gave it; null for the machine's. */
  readonly itemId: string | null;
  /** The prediction whose image people saw: of several of the same image, one; null for the machine's. */
  readonly imageId: string | null;
  /** Null where people found that none fits. */
  readonly label: string | null;
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
  /** As the caller named it; null where it did not. */
  readonly stream: string | null;
}

export interface SealRequest {
  /** Whom the audit trail names. */
  readonly who: string;
  /** Labels at most; all that are final where absent. */
  readonly limit?: number;
}

export interface Sealed {
  /** How many labels this call has sealed. */
  readonly count: number;
  /** Cursor of the last label that is sealed, whoever has sealed it; null where none is. */
  readonly cursor: string | null;
}

export interface ExportRequest {
  /** Cursor of the last label that the consumer has; null from the start. */
  readonly since: string | null;
  /** Labels at most; all that are sealed where absent. */
  readonly limit?: number;
}

/** Final labels for those who train on them. */
export interface Labels {
  /**
   * Gives final labels their place in the order of export, behind all that have one. They can no longer be
   * undone. What was sealed, and by whom, is in the audit trail in the same transaction.
   */
  seal(request: SealRequest): Promise<Sealed>;
  /**
   * The sealed labels in a total order that never changes, each once. Reading changes nothing.
   *
   * @throws StoreError `bad_cursor`
   */
  exportLabels(request: ExportRequest): AsyncIterable<ExportedLabel>;
}
