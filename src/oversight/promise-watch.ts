import type { Gate } from '../gate/gate.ts';
import type { GateClosing } from '../store/closings.ts';
import type { Store } from '../store/store.ts';
import { isRate } from './audit-estimate.ts';
import { type AuditFollower, type AuditQuestion, followAudits } from './follow-audits.ts';
import type { PromiseEvidence } from './promise-evidence.ts';
import type { StreamName } from './stream-tests.ts';

/** What the audits tell of each stream, and of all together (null). */
export type EvidenceByStream = ReadonlyMap<StreamName, PromiseEvidence>;

/** How reopening a gate went. */
export type ReopenOutcome = 'done' | 'not_closed' | 'no_gate';

/**
 * Watches over the promise of the gate in use, and closes the gate where audits prove that it is broken.
 *
 * **Who is authoritative.** The table of closings, for every replica. A replica knows what it last read there
 * and, beyond that, what it has itself proven and could not write yet: a proof closes here at once, and
 * everywhere once the others have looked. Whatever cannot be read leaves closed what was closed.
 *
 * **Closed is a gate's id.** Another gate decides from its first answer; the former one is still closed if it
 * comes back.
 *
 * **Reopening restarts the test**: only answers from then on speak for it. A proof that was made from labels
 * of before is not written after it (see Closings.close).
 */
export interface PromiseWatch {
  /**
   * Whether people get every answer of that gate in that stream, by the name that the caller gave. Asked for
   * each answer: it never waits.
   */
  readonly isClosed: (gateId: string, stream: string | null) => boolean;
  /** Reads what is closed, tests what is new, and closes on proof. Checks that overlap become one. */
  check(): Promise<void>;
  /** What audits tell of the gate in use; null without a gate that promises anything. */
  evidence(): Promise<EvidenceByStream | null>;
  /** Where the gate in use is closed now, oldest first. */
  closed(): readonly GateClosing[];
  /** Opens the gate in use again, for one stream or, where it is closed as a whole, for all. */
  reopen(request: {
    readonly stream: StreamName;
    readonly by: string;
    readonly why: string;
  }): Promise<ReopenOutcome>;
}

/** A gate as far as its promise is asked for. */
export interface PromisingGate {
  readonly id: string;
  readonly calibration: Pick<Gate['calibration'], 'proven'>;
}

export interface PromiseWatchDeps {
  readonly store: {
    readonly closings: Store['closings'];
    readonly figures: Pick<Store['figures'], 'auditLabels'>;
  };
  readonly modelDigest: string;
  /** The gate in use now. */
  readonly gate: () => PromisingGate | null;
  /** The group of streams that an answer counts to; null for all where streams are not told apart. */
  readonly groupOf: AuditQuestion['groupOf'];
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** A gate is closed from now on, by this replica's proof. */
  readonly onClosed: (gateId: string, stream: StreamName, evidence: PromiseEvidence) => void;
}

export function createPromiseWatch(deps: PromiseWatchDeps): PromiseWatch {
  const { store, modelDigest, now } = deps;
  const follower: AuditFollower = followAudits({ figures: store.figures, modelDigest, now });
  let closings: readonly GateClosing[] = [];
  /** Proven here and not known to be written. */
  const proven = new Set<string>();

  const standing = (): readonly GateClosing[] => closings.filter(({ reopened }) => reopened === null);
  // A stream that was a group of its own when it was closed may be one no longer.
  const isClosed = (gateId: string, stream: string | null): boolean =>
    [null, deps.groupOf(stream), stream].some(
      (one) =>
        proven.has(placeKey(gateId, one)) ||
        standing().some((closing) => closing.gateId === gateId && closing.stream === one),
    );

  const read = async (): Promise<void> => {
    closings = await store.closings.of(modelDigest);
  };

  const promisedBy = (gate: PromisingGate | null): Promised | null => {
    const proven = gate?.calibration.proven ?? null;
    return gate === null || proven === null || !isRate(proven.risk) ? null : { gateId: gate.id, ...proven };
  };

  const look = ({ gateId, risk, confidence }: Promised): Promise<EvidenceByStream> => {
    const ofGate = closings.filter((closing) => closing.gateId === gateId);
    const reopenedMs = (stream: StreamName): number =>
      ofGate
        .filter((closing) => closing.stream === null || closing.stream === stream)
        .reduce((latest, { reopened }) => Math.max(latest, reopened?.atMs ?? 0), 0);
    return follower.look({
      key: JSON.stringify([gateId, risk, confidence, ofGate]),
      gateId,
      promised: risk,
      confidence,
      groupOf: deps.groupOf,
      sinceMs: reopenedMs,
      isApart: (stream) =>
        stream !== null && ofGate.some((one) => one.stream === stream && one.reopened === null),
    });
  };

  /** One proof that is not acted on yet, a single stream's first; null where there is none. */
  const newProof = (gateId: string, found: EvidenceByStream): [StreamName, PromiseEvidence] | null => {
    const streamsFirst = [...found].sort(([a], [b]) => Number(a === null) - Number(b === null));
    for (const [stream, one] of streamsFirst) {
      const isKnown = standing().some(
        (closing) => closing.gateId === gateId && (closing.stream === null || closing.stream === stream),
      );
      if (one.state === 'broken' && !isKnown) return [stream, one];
    }
    return null;
  };

  const checkOnce = async (): Promise<void> => {
    for (;;) {
      await read();
      const promised = promisedBy(deps.gate());
      const proof = promised && newProof(promised.gateId, await look(promised));
      if (promised === null || proof === null) break;
      const { gateId, risk } = promised;
      const [stream, evidence] = proof;
      proven.add(placeKey(gateId, stream));
      const known = closings.filter((closing) => closing.gateId === gateId).length;
      const wasClosed = await store.closings.close(
        { modelDigest, gateId, stream },
        { promised: risk, labels: evidence.labels, errors: evidence.errors, evidence: evidence.evidence },
        known,
      );
      if (wasClosed) deps.onClosed(gateId, stream, evidence);
    }
    // Read after the last proof was written: what is not there was reopened, or never stood.
    proven.clear();
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
    // Whoever asks now may know of a label that the running check has not read.
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return check();
      });
    return next;
  };

  return {
    isClosed,
    check,
    evidence: async () => {
      const promised = promisedBy(deps.gate());
      return promised === null ? null : look(promised);
    },
    closed: () => {
      const id = deps.gate()?.id;
      return standing().filter(({ gateId }) => gateId === id);
    },
    reopen: async ({ stream, by, why }) => {
      const gate = deps.gate();
      if (gate === null) return 'no_gate';
      const reopened = await store.closings.reopen({ modelDigest, gateId: gate.id, stream, by, why });
      await check();
      return reopened ? 'done' : 'not_closed';
    },
  };
}

interface Promised {
  readonly gateId: string;
  readonly risk: number;
  readonly confidence: number;
}

function placeKey(gateId: string, stream: StreamName): string {
  return JSON.stringify([gateId, stream]);
}
