import type { ReviewState } from '../store/review-status.ts';

/** Why a person decides (design: "reason"). Several may hold at once. */
export type Reason =
  'sensitive' | 'unconfident' | 'audit' | 'over_budget' | 'not_measurable' | 'uncalibrated';

/** What a client receives for one image: `POST /v1/predictions`, `GET /v1/predictions/{id}`. */
export interface Answer {
  readonly id: string;
  readonly decision: 'auto' | 'review';
  readonly reasons: readonly Reason[];
  /** Set only when it may be used: the machine's for `auto`, the person's once reviewed. */
  readonly label: string | null;
  /** Null where the classifier gave no finite answer. */
  readonly prediction: {
    readonly label: string;
    readonly index: number;
    readonly probability: number;
    readonly top: readonly { readonly label: string; readonly probability: number }[];
  } | null;
  /** Null where it could not be measured. `interval` is null for `exact`. */
  readonly sensitivity: {
    readonly value: number;
    readonly interval: readonly [number, number] | null;
    readonly confidence: number;
    readonly probes: number;
    readonly method: 'estimate' | 'exact';
    /** Only with `exact`: ‖f(x+h)+f(x−h)−2f(x)‖ / ‖f(x+h)−f(x−h)‖ over all coordinates; large values tell of kinks. */
    readonly asymmetry?: number;
  } | null;
  readonly signals: Readonly<Record<string, number>>;
  readonly gate: { readonly id: string; readonly signal: string; readonly threshold: number } | null;
  readonly model: { readonly name: string; readonly digest: string };
  readonly review: {
    readonly id: string;
    readonly state: ReviewState;
    readonly href: string;
    readonly labelled_by?: string;
  } | null;
  /** Only in the answer to the request that measured it. */
  readonly timing_ms?: {
    readonly decode: number;
    readonly queue: number;
    readonly compute: number;
    readonly store: number;
  };
}
