import type { ReferenceEvent } from '../numerics/sequential/alarm-plan.ts';
import type { Reference } from './reference.ts';

/** Of an image that was measured, what an alarm for change looks at. */
export interface WatchedImage {
  readonly unfamiliar: boolean;
  readonly signals: Readonly<Record<string, number>>;
  /** Index of the predicted class. */
  readonly predicted: number;
}

/** Something about an image that a change may make more frequent. */
export type EventKind =
  | { readonly kind: 'unfamiliar' }
  | {
      readonly kind: 'signal';
      readonly signal: string;
      readonly side: 'above' | 'below';
      readonly cut: number;
    }
  | { readonly kind: 'label'; readonly index: number };

export interface GateEvent extends ReferenceEvent {
  readonly what: EventKind;
}

/** Parts of the error and of the evidence. What is left out leaves its part to the others. */
const WEIGHTS = { unfamiliar: 0.5, signal: 0.25, label: 0.25 } as const;
/** Labels that are watched, the most frequent ones: of rarer ones a calibration says too little. */
const MOST_LABELS = 64;

/**
 * The events that an alarm on this reference watches. Every label has its part of the error, those that are
 * not watched too, so that the choice by frequency costs nothing.
 */
export function eventsOf({ unfamiliar, tails, labels }: Reference): readonly GateEvent[] {
  const kinds = [unfamiliar === null ? 0 : WEIGHTS.unfamiliar, tails.length && WEIGHTS.signal, WEIGHTS.label];
  const all = kinds.reduce((a, b) => a + b);
  const events: GateEvent[] = [];
  if (unfamiliar !== null)
    events.push({ what: { kind: 'unfamiliar' }, beyond: unfamiliar, weight: WEIGHTS.unfamiliar / all });
  for (const { beyond, ...tail } of tails)
    events.push({ what: { kind: 'signal', ...tail }, beyond, weight: WEIGHTS.signal / all / tails.length });
  const frequent = [...labels.keys()].sort((a, b) => labels[b]! - labels[a]! || a - b).slice(0, MOST_LABELS);
  for (const index of frequent) {
    const weight = WEIGHTS.label / all / labels.length;
    events.push({ what: { kind: 'label', index }, beyond: labels[index]!, weight });
  }
  return events;
}

/** Whether it happened with this image. A signal that was not measured lies beyond no cut. */
export function happenedWith(image: WatchedImage, what: EventKind): boolean {
  switch (what.kind) {
    case 'unfamiliar':
      return image.unfamiliar;
    case 'signal': {
      const value = image.signals[what.signal] ?? NaN;
      return what.side === 'above' ? value > what.cut : value < what.cut;
    }
    case 'label':
      return image.predicted === what.index;
  }
}
