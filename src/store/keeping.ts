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

/** Which automatic answers may be drawn once more, with a higher chance. */
export interface Redrawable {
  readonly modelDigest: string;
  readonly gateId: string;
  /** The names of streams that are groups of their own. */
  readonly streams: readonly string[];
  /** Those after it, in order of their times and ids. */
  readonly after: { readonly createdMs: number; readonly id: string };
  /** Those of a lower chance. */
  readonly below: number;
}

/** An automatic answer that is kept, or whose audit has entered. */
export interface DrawnAnswer {
  readonly id: string;
  readonly createdMs: number;
  /** The group of its stream. */
  readonly stream: string;
  readonly inclusionProbability: number;
  /** Whether it may still be drawn. */
  readonly undrawn: boolean;
}

export interface Redraw {
  /** The prediction's. */
  readonly id: string;
  /** The chance that it had. */
  readonly from: number;
  /** With which it was drawn in both draws together, or was not. */
  readonly to: number;
  /** From when on its audit may enter the queue; null where it was not drawn now. */
  readonly dueMs: number | null;
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
  /** At most so many, in order of their times and ids. */
  redrawable(which: Redrawable, most: number): Promise<readonly DrawnAnswer[]>;
  /**
   * Writes down a second draw: the chance of each, of its record and of its audit, and which are audited now.
   * Leaves out those whose chance is another by now, or whose image is gone. Returns how many it wrote.
   */
  redraw(draws: readonly Redraw[]): Promise<number>;
  /** Drops the images of those that `oldest` gave and that are still kept; returns how many. */
  drop(ids: readonly string[]): Promise<number>;
}
