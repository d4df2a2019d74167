import type { OrLater } from '../store/or-later.ts';
import type { Finding } from '../store/opinions.ts';
import type { ReviewState } from '../store/review-status.ts';

/** Why a person decides (docs/glossary.md: "reason"). Several may hold at once. */
export const REASONS = [
  'sensitive',
  'unconfident',
  'unfamiliar',
  'damaged_image',
  'audit',
  'over_budget',
  'not_measurable',
  'uncalibrated',
  'promise_broken',
] as const;

export type Reason = (typeof REASONS)[number];

/** What was answered about one input, as it was recorded. */
export interface RecordedAnswer {
  readonly id: string;
  /** As the caller named it; null where it did not. */
  readonly stream: string | null;
  readonly decision: 'auto' | 'review';
  /** As the caller is told: an audit is no reason here. */
  readonly reasons: readonly OrLater<Reason>[];
  /** What is damaged about its file, in words; only with the reason `damaged_image`. */
  readonly damage?: string;
  /** The machine's, where it may be used; null where a person decides. */
  readonly label: string | null;
  /** Null where the classifier gave no finite answer. */
  readonly prediction: {
    readonly label: string;
    readonly index: number;
    readonly probability: number;
    /** Most probable first. */
    readonly top: readonly { readonly label: string; readonly probability: number }[];
  } | null;
  /** Null where it could not be measured. */
  readonly sensitivity: {
    /** ‖∂p/∂x‖_F, per unit of pixel intensity. */
    readonly value: number;
    /** Null for `exact`. */
    readonly interval: readonly [number, number] | null;
    readonly confidence: number;
    readonly probes: number;
    readonly method: OrLater<'estimate' | 'exact'>;
    /**
     * ‖f(x+h)+f(x−h)−2f(x)‖ / ‖f(x+h)−f(x−h)‖ over all coordinates; large values tell of kinks. Only with
     * `exact`.
     */
    readonly asymmetry?: number | undefined;
  } | null;
  readonly signals: Readonly<Record<string, number>>;
  /** How like calibration's images it is; only of a gate that asks. */
  readonly familiarity?: {
    /** Larger is less familiar; NaN where it was not measured. */
    readonly score: number;
    /** Share of calibration's images that are at least as familiar, 0 to 1. */
    readonly quantile: number;
    /** What is strange about it, in words, the strangest first. */
    readonly strange: readonly string[];
  };
  readonly gate: { readonly id: string; readonly signal: string; readonly threshold: number } | null;
  readonly model: { readonly name: string; readonly digest: string };
}

/** The answer as it stands now. */
export interface Answer extends RecordedAnswer {
  /** The machine's or, once there is one, the person's; null while a person has to decide. */
  readonly label: string | null;
  /** Null where nobody but the machine has decided. */
  readonly review: {
    /** The item's. */
    readonly id: string;
    readonly state: ReviewState;
    readonly labelledBy: string | null;
    /** What people found instead of a label; absent where they found none, or gave one. */
    readonly outcome?: Finding;
  } | null;
  /** Milliseconds of each step; null but in the answer to the request that measured it. */
  readonly timing: AnswerTiming | null;
}

export interface AnswerTiming {
  readonly decodeMs: number;
  readonly queueMs: number;
  readonly computeMs: number;
  readonly storeMs: number;
}
