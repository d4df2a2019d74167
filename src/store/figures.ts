import type { AuditLabelRange, AuditLabels } from './audit-labels.ts';
import type { AuditOutcomes, AuditWindow } from './audit-outcomes.ts';
import type { DayCounts, DayRange } from './day-counts.ts';
import type { RecentDecision, RecentRange } from './recent-decisions.ts';
import type { ReviewState } from './review-status.ts';

export interface QueueStatistics {
  readonly items: Readonly<Record<ReviewState, number>>;
  /** Creation time of the oldest item that is pending or claimed; null when there is none. */
  readonly oldestWaitingMs: number | null;
}

/** How busy the database is, as this process knows without asking it. */
export interface DatabaseLoad {
  /** Of the pool to a server; null with SQLite, which has none. */
  readonly connections: { readonly most: number; readonly open: number; readonly idle: number } | null;
  /** Calls that wait: for a connection, or for the next commit. */
  readonly waiting: number;
  /** Of the database's files; null where they lie with a server. */
  readonly bytes: number | null;
}

export interface ReviewerProgress {
  readonly reviewer: string;
  readonly labelled: number;
  readonly discarded: number;
}

/** Whose view of the queue is counted. */
export interface Viewer {
  readonly reviewer: string;
  /** Leaves audits out. */
  readonly withoutAudits?: true;
}

/** What one reviewer may know of the queue (see seen-by.ts). */
export interface WaitingItems {
  /** Items that are not final and on which the reviewer has said nothing; those they hold are left out. */
  readonly pending: number;
  /** Items that the reviewer holds. */
  readonly claimed: number;
}

/** Figures of the work that was done and of how the gate fares. */
export interface Figures {
  statistics(): Promise<QueueStatistics>;
  load(): Promise<DatabaseLoad>;
  /** Of all models. */
  waitingFor(viewer: Viewer): Promise<WaitingItems>;
  /** The opinions given since then that stand, by reviewer. */
  progress(sinceMs: number): Promise<readonly ReviewerProgress[]>;
  auditOutcomes(window: AuditWindow): Promise<AuditOutcomes>;
  /** Audits' final labels one by one, in the order in which they became final. */
  auditLabels(range: AuditLabelRange): Promise<AuditLabels>;
  /** One entry for each day of the range, oldest first. */
  dayCounts(range: DayRange): Promise<readonly DayCounts[]>;
  /** The latest decisions of a model, newest first. */
  recentDecisions(range: RecentRange): Promise<readonly RecentDecision[]>;
}
