import type { SignalName } from '../../gate/signals/registry.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';

/** All that a report tells. */
export interface Report {
  readonly tool: string;
  readonly created: string;
  readonly model: { readonly name: string; readonly digest: string };
  /** Of the model. */
  readonly labels: readonly string[];
  readonly data: string;
  /** Null where signals alone are compared. */
  readonly gate: {
    readonly id: string;
    readonly signal: SignalName;
    readonly threshold: number;
    readonly confidence_floor: number | null;
  } | null;
  /** Whether the signal `risk` was fitted on these very images, each judged by a model of the others. */
  readonly risk_is_cross_fitted: boolean;
  readonly seconds_per_label: number;
  /** One a shift, and one of all shifts together where there are several. */
  readonly parts: readonly { readonly name: string; readonly evaluation: Evaluation }[];
  readonly problems: readonly { readonly kind: string; readonly where: string; readonly detail: string }[];
}

/** An image to look at. */
export interface Picture {
  readonly where: string;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
  readonly sensitivity: number;
  /** PNG as a data: URI. */
  readonly image: string;
  /** The same of its sensitivity map; null where it could not be made. */
  readonly map: string | null;
}

export interface Gallery {
  readonly title: string;
  readonly pictures: readonly Picture[];
}
