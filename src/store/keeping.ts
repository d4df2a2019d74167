import type { OriginalImage } from './records.ts';

/** An automatic answer that is recorded, and what is to be kept of it for a while. */
export interface KeptAnswer {
  /** The prediction's. */
  readonly id: string;
  readonly image: OriginalImage;
  /** Of the image; 0 where there is none. */
  readonly bytes: number;
  readonly keptMs: number;
  /** With which it was drawn, or was not. */
  readonly inclusionProbability: number;
  /** From when on its audit may enter the queue; null where it was not drawn. */
  readonly dueMs: number | null;
}

/** An audit that was drawn and is due. */
export interface DueAudit {
  readonly predictionId: string;
  readonly modelDigest: string;
  /** The prediction's own. */
  readonly priority: number;
  readonly createdMs: number;
}

/** How an audit enters the queue. */
export interface AuditEntry {
  readonly predictionId: string;
  readonly itemId: string;
  /** The prediction's. */
  readonly createdMs: number;
  /** Finite. */
  readonly priority: number;
}

/** What is kept, of all processes together. */
export interface KeptTotals {
  readonly images: number;
  readonly bytes: number;
}

/** An image that may be dropped. */
export interface KeptImage {
  readonly id: string;
  readonly keptMs: number;
  readonly bytes: number;
}

/**
 * Automatic answers whose images are kept for a while, and the audits that are drawn from them.
 *
 * The draw and its probability are written together, before anybody looks at the image.
 */
export interface Keeping {
  /**
   * Keeps what is not kept or audited already; what was forgotten meanwhile is left out. Returns the ids of
   * those that it keeps now.
   */
  keep(answers: readonly KeptAnswer[]): Promise<readonly string[]>;
  /** Those that are due by then, longest due first, at most so many. */
  dueAudits(nowMs: number, most: number): Promise<readonly DueAudit[]>;
  /** Priorities of the latest items of a model that are in review by reason, at most so many. */
  recentPriorities(modelDigest: string, most: number): Promise<readonly number[]>;
  /**
   * Makes an item of each audit that is still to enter; others may have entered meanwhile, or were forgotten.
   * Returns how many entered.
   */
  enter(entries: readonly AuditEntry[]): Promise<number>;
  totals(): Promise<KeptTotals>;
  /** Those that were not drawn, longest kept first, at most so many. */
  oldest(most: number): Promise<readonly KeptImage[]>;
  /** Drops the images of those that `oldest` gave and that are still kept; returns how many. */
  drop(ids: readonly string[]): Promise<number>;
}
