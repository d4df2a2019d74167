import { type AuditEstimate, type AuditState, estimateFromAudit } from './audit-estimate.ts';
import type { Gate } from '../gate/gate.ts';
import { type PastDecision, type WhatIf, whatIf } from './what-if.ts';
import type { Model } from '../model/load.ts';
import type { Unjudged, UnjudgedAudits } from '../store/audit-outcomes.ts';
import { DAY_MS } from '../store/day-counts.ts';
import type { RecentDecision } from '../store/recent-decisions.ts';
import type { Store } from '../store/store.ts';
import { OTHER_STREAMS } from '../store/stream-group.ts';
import { type GateSpan, spansOf } from './gate-days.ts';
import type { PromiseEvidence } from './promise-evidence.ts';
import type { PromiseWatch } from './promise-watch.ts';
import type { StreamName } from './stream-tests.ts';

/** From the audits of the window, but for the state and the tests, which take all since the gate began. */
export interface AuditReport extends AuditEstimate {
  /** By all of the gate's audits in their order, looked at after each; `broken` where one stream's is. */
  readonly state: AuditState;
  /** Audits of the window that were answered and count on neither side, by why. */
  readonly unjudged: Readonly<Record<Unjudged, number>>;
  /** Over all (`stream` null) and of each stream; none where nothing is promised. */
  readonly tests: readonly (PromiseEvidence & { readonly stream: StreamName })[];
}

/** What stored predictions and people's labels tell of the gate. */
export interface Oversight {
  /** The selective risk of this very gate, as audits tell; null without a gate. */
  audit(): Promise<AuditReport | null>;
  /**
   * The latest `days` days in UTC, today's among them, `length` to a span; of images that no gate decided
   * where there is none.
   */
  spans(days: number, length: number): Promise<readonly GateSpan[]>;
  /** What the gate would have done to the latest inputs at another threshold; null without a gate. */
  whatIf(threshold: number, limit: number): Promise<(WhatIf & { readonly confidence: number }) | null>;
}

export interface OversightDeps {
  readonly store: Pick<Store, 'figures'>;
  readonly model: Model;
  /** What a stored answer says that was measured. */
  readonly measuredOf: (answer: RecentDecision['answer']) => Pick<PastDecision, 'signals' | 'familiarity'>;
  readonly promise: Pick<PromiseWatch, 'evidence' | 'closed'>;
  /** The gate in use now. */
  readonly gate: () => Gate | null;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** How far back audits count: long enough for labels to gather, short enough to notice a change. */
const WINDOW_MS = 30 * 24 * 3600 * 1000;
const CONFIDENCE = 0.95;

export function createOversight(deps: OversightDeps): Oversight {
  const { store, gate: gateNow, now } = deps;
  const modelDigest = deps.model.digest;
  return {
    audit: async () => {
      const gate = gateNow();
      if (gate === null) return null;
      const window = { modelDigest, gateId: gate.id, sinceMs: now() - WINDOW_MS };
      const evidence = (await deps.promise.evidence()) ?? new Map<StreamName, PromiseEvidence>();
      const streams = [...evidence.keys()].flatMap((name) =>
        name === null || name === OTHER_STREAMS ? [] : [name],
      );
      const { outcomes, unjudged } = await store.figures.auditOutcomes({ ...window, streams });
      const promised = gate.calibration.proven?.risk ?? null;
      const estimate = estimateFromAudit(outcomes, promised, confidenceOf(gate));
      const tests = [...evidence].map(([stream, one]) => ({ ...withDoubts(one, stream, unjudged), stream }));
      const isBroken = deps.promise.closed().length > 0 || tests.some(({ state }) => state === 'broken');
      const overall = tests.find(({ stream }) => stream === null)?.state ?? 'too_few_labels';
      return { ...estimate, state: isBroken ? 'broken' : overall, unjudged: countsOf(unjudged), tests };
    },
    spans: async (days, length) => {
      const gate = gateNow();
      const confidence = gate === null ? CONFIDENCE : confidenceOf(gate);
      const sinceMs = new Date(now()).setUTCHours(0, 0, 0, 0) - (days - 1) * DAY_MS;
      const counts = await store.figures.dayCounts({ modelDigest, gateId: gate?.id ?? null, sinceMs, days });
      return spansOf(counts, length, gate?.calibration.proven?.risk ?? null, confidence);
    },
    whatIf: async (threshold, limit) => {
      const gate = gateNow();
      if (gate === null) return null;
      const confidence = confidenceOf(gate);
      const recent = await store.figures.recentDecisions({ modelDigest, limit });
      const decisions = recent.map(({ answer, ...one }) => ({ ...one, ...deps.measuredOf(answer) }));
      return { ...whatIf(decisions, gate, threshold, 1 - confidence), confidence };
    },
  };
}

/**
 * Whoever claims that few labels are wrong counts as wrong what one person alone has found so, of the window:
 * the others stand already, and these wait for a second one.
 */
function withDoubts(
  evidence: PromiseEvidence,
  stream: StreamName,
  unjudged: readonly UnjudgedAudits[],
): PromiseEvidence {
  const doubts = unjudged
    .filter((one) => one.why === 'unconfirmed' && (stream === null || one.stream === stream))
    .reduce((sum, { count }) => sum + count, 0);
  const isDoubtful = evidence.state === 'holding' && doubts >= evidence.spareErrors;
  return isDoubtful ? { ...evidence, state: 'too_few_labels' } : evidence;
}

function countsOf(unjudged: readonly UnjudgedAudits[]): Record<Unjudged, number> {
  const counts = { unconfirmed: 0, unreadable: 0, discarded: 0 };
  for (const { why, count } of unjudged) counts[why] += count;
  return counts;
}

function confidenceOf(gate: Gate): number {
  return gate.calibration.proven?.confidence ?? CONFIDENCE;
}
