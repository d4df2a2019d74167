import { z } from 'zod';
import type { Reference } from '../../gate/reference.ts';
import { type EventKind, eventsOf, happenedWith, type WatchedImage } from '../../gate/watched-events.ts';
import { ALARM_EVIDENCE, watchedEvents } from '../../numerics/sequential/alarm-plan.ts';
import { type Autocorrelation, createAutocorrelation } from '../../numerics/sequential/autocorrelation.ts';
import { type ChangeEvidence, createChangeEvidence } from '../../numerics/sequential/change-evidence.ts';
import type { Json } from '../../store/json.ts';
import type { NewAlarm } from '../../store/alarms.ts';

/** A group of streams; null: all images. */
export type WatchedPlace = string | null;

/** A change that has been found. */
export type Found = Pick<NewAlarm, 'sinceMs' | 'finding'>;

/** How far the evidence of a place is. */
export interface WatchedState {
  readonly stream: WatchedPlace;
  /** Images that were looked at. */
  readonly images: number;
  /** Of the logarithm that an alarm needs, 0 to 1. */
  readonly progress: number;
  /** Of what each image ranks like with that of the one before it. */
  readonly autocorrelation: number;
}

/** Evidence that images are no longer like those of one gate's calibration, by place. */
export interface GateWatch {
  readonly gateId: string;
  /** Gathers evidence from an image of that time; what was found by it, if anything was. */
  observe(place: WatchedPlace, image: WatchedImage, timeMs: number): Found | null;
  /** Sees only how alike the image and the one before are. */
  compare(place: WatchedPlace, image: WatchedImage): void;
  /** Begins anew, as after an alarm. */
  reset(place: WatchedPlace): void;
  states(): readonly WatchedState[];
  /** To be written down, and given to the next `createGateWatch`. */
  readonly evidence: Json;
}

interface Place {
  evidence: ChangeEvidence;
  readonly correlation: Autocorrelation;
}

const numbers = z.array(z.number());
const savedSchema = z.array(
  z.object({
    stream: z.string().nullable(),
    images: z.number(),
    evidence: numbers,
    runs: numbers,
    since: numbers,
    seen: numbers,
    hits: numbers,
  }),
);

/**
 * Watches by what a gate keeps of its calibration.
 *
 * @param saved What an earlier watch wrote down. What is not such is left aside.
 */
export function createGateWatch(
  gateId: string,
  reference: Reference,
  labels: readonly string[],
  saved: Json,
): GateWatch {
  const kinds = eventsOf(reference);
  const events = watchedEvents(reference.images, kinds);
  const places = new Map<WatchedPlace, Place>();
  const rankOf = ranking(kinds.map(({ what }) => what));
  for (const { stream, ...state } of savedSchema.safeParse(saved).data ?? [])
    places.set(stream, {
      evidence: createChangeEvidence(events, state),
      correlation: createAutocorrelation(),
    });

  const placeOf = (stream: WatchedPlace): Place => {
    const known = places.get(stream);
    if (known !== undefined) return known;
    const fresh = { evidence: createChangeEvidence(events), correlation: createAutocorrelation() };
    places.set(stream, fresh);
    return fresh;
  };

  const found = ({ evidence }: Place): Found => {
    const { event, since, images, happened } = evidence.strongest!;
    const usual = kinds[event]!.beyond / reference.images;
    const { limit } = events[event]!;
    const what = describe(kinds[event]!.what, labels);
    return { sinceMs: since, finding: { ...what, images, happened, usual, limit } };
  };

  return {
    gateId,
    observe: (stream, image, timeMs) => {
      const place = placeOf(stream);
      place.evidence.observe((event) => happenedWith(image, kinds[event]!.what), timeMs);
      return place.evidence.value >= ALARM_EVIDENCE ? found(place) : null;
    },
    compare: (stream, image) => {
      placeOf(stream).correlation.observe(rankOf(image));
    },
    reset: (stream) => {
      placeOf(stream).evidence = createChangeEvidence(events);
    },
    states: () =>
      [...places].map(([stream, { evidence, correlation }]) => ({
        stream,
        images: evidence.images,
        progress: Math.max(0, Math.min(1, Math.log(evidence.value + 1) / Math.log(ALARM_EVIDENCE))),
        autocorrelation: correlation.value,
      })),
    get evidence() {
      return [...places].map(([stream, { evidence }]) => {
        const { images, ...lists } = evidence.state;
        return { stream, images, ...lists };
      });
    },
  };
}

/** A label is told by its name: another model's index would mean another. */
function describe(what: EventKind, labels: readonly string[]): { readonly [key: string]: Json } {
  return what.kind === 'label' ? { kind: what.kind, label: labels[what.index] ?? String(what.index) } : what;
}

/** What an image ranks like among calibration's, 0 to 1, by the cuts of the signal that is named first. */
function ranking(kinds: readonly EventKind[]): (image: WatchedImage) => number {
  const signals = kinds.filter((what) => what.kind === 'signal');
  const first = signals[0]?.signal ?? '';
  const cuts = signals.filter(({ signal }) => signal === first).map(({ cut }) => cut);
  return ({ signals: values, unfamiliar }) => {
    const value = values[first];
    if (value === undefined || cuts.length === 0) return unfamiliar ? 1 : 0;
    return cuts.filter((cut) => value > cut).length / cuts.length;
  };
}
