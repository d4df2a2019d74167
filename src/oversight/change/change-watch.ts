import type { Calibration } from '../../gate/calibration.ts';
import type { WatchedImage } from '../../gate/watched-events.ts';
import type { Alarm, Alarms } from '../../store/alarms.ts';
import {
  createGateWatch,
  type Found,
  type GateWatch,
  type WatchedPlace,
  type WatchedState,
} from './gate-watch.ts';
import { createSpacing } from './spacing.ts';

/** An image that was measured, and where it came from. */
export interface StreamImage extends WatchedImage {
  /** As the caller named it. */
  readonly stream: string | null;
  /** The gate that decided. */
  readonly gateId: string;
}

/** A gate as far as it says what its calibration was like. */
export interface WatchedGate {
  readonly id: string;
  readonly calibration: Pick<Calibration, 'reference'>;
}

/** How ending an alarm went. */
export type EndOutcome = 'done' | 'no_alarm' | 'no_gate';

/**
 * Watches whether images are like those that the gate in use was calibrated on, over all and by group of
 * streams, and raises an alarm where they are not.
 *
 * **Who is authoritative.** The table of alarms, for every replica. A replica knows what it last read there
 * and what it has itself found and could not write yet: an alarm stands here at once, and everywhere once the
 * others have looked.
 *
 * **Evidence is each replica's own**, of the images that it has answered. What all may err together is
 * counted by images (numerics/sequential/change-evidence.ts), so that several replicas raise no more false
 * alarms than one; but each needs as many images as one. It is written down every few seconds and left to the
 * next process, so that a restart forgets none.
 *
 * **While an alarm stands** nothing is gathered in its place; ended, it begins anew. One of a stream takes
 * that stream's images, and what they had told, out of what is gathered over all: what acts on the others is
 * a change of the others.
 */
export interface ChangeWatch {
  /** Looks at an image after it was answered; cheap, and never waits. */
  readonly observe: (image: StreamImage) => void;
  /** The alarm that stands for a group of streams, its own or one over all; null where none does. */
  standing(group: string): Pick<Alarm, 'sinceMs'> | null;
  /** Whether one stands just there, of the gate in use. */
  isStandingAt(place: WatchedPlace): boolean;
  /** Whether the gate in use says what its calibration was like. */
  isWatching(): boolean;
  /** The latest alarms of the model, oldest first. */
  alarms(): readonly Alarm[];
  /** How far the evidence is, by place; empty without a gate that says what calibration was like. */
  states(): readonly WatchedState[];
  /** Reads what stands, writes what was found and what was gathered. Checks that overlap become one. */
  readonly check: () => Promise<void>;
  end(request: {
    readonly stream: string | null;
    readonly by: string;
    readonly why: string;
  }): Promise<EndOutcome>;
  /** Leaves the evidence to the next process. */
  close(): Promise<void>;
}

export interface ChangeWatchDeps {
  readonly alarms: Alarms;
  readonly modelDigest: string;
  readonly labels: readonly string[];
  /** The gate in use now. */
  readonly gate: () => WatchedGate | null;
  /** The group of a stream. */
  readonly groupOf: (stream: string | null) => string;
  /** Whether groups are told apart; else all images are one. */
  readonly byGroup: boolean;
  /** Between two images of a stream that are looked at. */
  readonly spacingMs: number;
  /** A name that no other process has. */
  readonly holder: string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** An alarm stands from now on, by what this process has seen. */
  readonly onRaised: (alarm: Found & { readonly stream: WatchedPlace; readonly gateId: string }) => void;
}

/** A process that has written nothing for so long is gone: it writes every few seconds. */
const STALE_MS = 60_000;

export function createChangeWatch(deps: ChangeWatchDeps): ChangeWatch {
  const { alarms: port, modelDigest, holder, now } = deps;
  const isDue = createSpacing(deps.spacingMs);
  let known: readonly Alarm[] = [];
  /** Found here and not known to be written, of the gate that is watched. */
  const found = new Map<WatchedPlace, Found>();
  let watch: GateWatch | null = null;
  let isSaved = true;
  /** Watches opened so far: each holds what it has gathered under a name of its own. */
  let watches = 0;

  const standingAt = (gateId: string, place: WatchedPlace): Pick<Alarm, 'sinceMs'> | null =>
    (watch?.gateId === gateId ? found.get(place) : undefined) ??
    known.find((one) => one.gateId === gateId && one.stream === place && one.ended === null) ??
    null;

  const of = (gateId: string) => ({ modelDigest, gateId, holder: `${holder} ${watches}` });

  const save = async (): Promise<void> => {
    if (watch === null || isSaved) return;
    isSaved = true;
    await port.saveWatch(of(watch.gateId), watch.evidence).catch((error: unknown) => {
      isSaved = false;
      throw error;
    });
  };

  /** Watches by the gate in use. */
  const follow = async (): Promise<void> => {
    const gate = deps.gate();
    const reference = gate?.calibration.reference;
    if (watch !== null && watch.gateId !== gate?.id) {
      await save();
      await port.leaveWatch(of(watch.gateId));
      watch = null;
      found.clear();
    }
    if (watch !== null || gate === null || reference === undefined) return;
    watches++;
    const saved = await port.takeWatch(of(gate.id), STALE_MS);
    watch = createGateWatch(gate.id, reference, deps.labels, saved);
    isSaved = saved === null;
  };

  const checkOnce = async (): Promise<void> => {
    await follow();
    if (watch !== null) {
      const { gateId } = watch;
      for (const [stream, one] of found) await port.raise({ modelDigest, gateId, stream, ...one });
    }
    const written = [...found.keys()];
    const before = known;
    known = await port.of(modelDigest);
    for (const place of written) found.delete(place);
    // Another replica has ended one: what was gathered before speaks for nothing any more.
    for (const one of before) {
      const isEnded = one.ended === null && known.some((now) => isSame(now, one) && now.ended !== null);
      if (isEnded && one.gateId === watch?.gateId) watch.reset(one.stream);
    }
    await save();
  };

  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const check = (): Promise<void> => {
    if (running === null) {
      running = checkOnce().finally(() => {
        running = null;
      });
      return running;
    }
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return check();
      });
    return next;
  };

  return {
    observe: (image) => {
      if (watch?.gateId !== image.gateId || !isDue(image.stream, now())) return;
      const places = deps.byGroup ? [deps.groupOf(image.stream), null] : [null];
      for (const place of places) {
        watch.compare(place, image);
        // What a stream's own alarm tells is no news of the others.
        if (standingAt(watch.gateId, place) !== null) return;
        isSaved = false;
        const change = watch.observe(place, image, now());
        if (change === null) continue;
        watch.reset(place);
        if (place !== null) watch.reset(null);
        found.set(place, change);
        deps.onRaised({ ...change, stream: place, gateId: watch.gateId });
        return;
      }
    },
    standing: (group) => {
      const id = deps.gate()?.id;
      if (id === undefined) return null;
      return standingAt(id, group) ?? standingAt(id, null);
    },
    isStandingAt: (place) => {
      const id = deps.gate()?.id;
      return id !== undefined && standingAt(id, place) !== null;
    },
    isWatching: () => watch !== null && watch.gateId === deps.gate()?.id,
    alarms: () => known,
    states: () => watch?.states() ?? [],
    check,
    end: async ({ stream, by, why }) => {
      const gate = deps.gate();
      if (gate === null) return 'no_gate';
      // One that was just found is written first.
      await check();
      const ended = await port.end({ modelDigest, gateId: gate.id, stream, by, why });
      await check();
      return ended ? 'done' : 'no_alarm';
    },
    close: async () => {
      await check();
      if (watch !== null) await port.leaveWatch(of(watch.gateId));
    },
  };
}

/** Of one place no two are raised at the same moment: the later one is raised when the former has ended. */
function isSame(a: Alarm, b: Alarm): boolean {
  return (
    a.gateId === b.gateId && a.stream === b.stream && a.raisedMs === b.raisedMs && a.sinceMs === b.sinceMs
  );
}
