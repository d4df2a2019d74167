/**
 * What the service answers, as far as this page reads it. The page shares no code with the service; that
 * these fit what the service declares is checked by test/web/shapes.test.ts.
 */

export type ReviewState = 'pending' | 'claimed' | 'labelled' | 'discarded' | 'disputed';

export const REVIEW_STATES: readonly ReviewState[] = [
  'pending',
  'claimed',
  'labelled',
  'discarded',
  'disputed',
];

export type Reason =
  'sensitive' | 'unconfident' | 'audit' | 'over_budget' | 'not_measurable' | 'uncalibrated';

export const REASONS: readonly Reason[] = [
  'sensitive',
  'unconfident',
  'audit',
  'over_budget',
  'not_measurable',
  'uncalibrated',
];

export interface Guess {
  readonly label: string;
  readonly probability: number;
}

export interface Prediction extends Guess {
  readonly top: readonly Guess[];
}

export interface ReviewItem {
  readonly id: string;
  readonly href: string;
  readonly state: ReviewState;
  readonly created_at: string;
  readonly model_digest: string;
  readonly model_served: boolean;
  readonly image_href: string;
  readonly sensitivity_map_href: string;
  readonly reviewer: string | null;
  readonly label: string | null;
  readonly decided_at: string | null;
  readonly note: string | null;
  /** Absent where reviewers are not to see it. */
  readonly prediction?: Prediction | null;
}

/** An item that this reviewer holds. */
export interface ClaimedItem extends ReviewItem {
  readonly lease: string;
  readonly lease_expires_at: string;
}

export interface Opinion {
  readonly reviewer: string;
  readonly label: string | null;
  readonly note: string | null;
  readonly given_at: string;
}

/** An item with why it is one, for leads. */
export interface LeadItem extends ReviewItem {
  readonly reasons: readonly Reason[];
  readonly assigned_to: string | null;
  readonly opinions: readonly Opinion[];
  readonly sensitivity: number | null;
  readonly prediction: Prediction | null;
}

export interface LeadPage {
  readonly items: readonly LeadItem[];
  readonly next_cursor: string | null;
}

export interface HistoryEvent {
  readonly at: string;
  readonly act: string;
  readonly who: string | null;
  readonly detail: string | null;
}

export interface AnswerCounts {
  readonly labelled: number;
  readonly discarded: number;
}

export interface ReviewerCounts extends AnswerCounts {
  readonly reviewer: string;
}

export interface Statistics {
  readonly items: Readonly<Record<ReviewState, number>>;
  readonly oldest_waiting_at: string | null;
  readonly mine: AnswerCounts;
  readonly everyone: AnswerCounts;
  /** Only for leads. */
  readonly reviewers?: readonly ReviewerCounts[];
}

/** How the image became the model's input; the map is of that input. */
export type ResizeRule =
  { readonly rule: 'stretch' | 'contain' } | { readonly rule: 'short_side'; readonly length: number };

export interface Model {
  readonly name: string;
  readonly digest: string;
  readonly labels: readonly string[];
  readonly input: Readonly<Record<string, unknown>>;
}

/** Whether the gate keeps its promise, by what people said about a random part of what it let through. */
export interface Audit {
  readonly state: 'holding' | 'broken' | 'too_few_labels';
  readonly estimate: number | null;
  readonly interval: readonly [number, number] | null;
  readonly labels: number;
  readonly errors: number;
  /** What calibration promises; null where it promises nothing. */
  readonly promised: number | null;
}

/** A day in UTC, or a week of them. */
export interface Span {
  readonly from: string;
  readonly until: string;
  readonly labelled: number;
  readonly discarded: number;
  readonly flagged: number;
  readonly automatic: number;
  readonly audit: Audit;
}

export interface Days {
  readonly spans: readonly Span[];
}

export interface ServedGate {
  readonly gate: {
    readonly id: string;
    readonly signal: string;
    readonly threshold: number;
    readonly show_prediction: boolean;
  } | null;
  readonly reason: string | null;
  readonly audit?: Audit | null;
}
