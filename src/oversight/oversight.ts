import { type AuditEstimate, type AuditState, estimateFromAudit } from './audit-estimate.ts';
import type { Gate } from '../gate/gate.ts';
import { type PastDecision, type WhatIf, whatIf } from './what-if.ts';
import type { Model } from '../model/load.ts';
import type { AuditOutcome, Unjudged, UnjudgedAudits } from '../store/audit-outcomes.ts';
import { DAY_MS } from '../store/day-counts.ts';
import type { RecentDecision } from '../store/recent-decisions.ts';
import type { Store } from '../store/store.ts';
import { type GateSpan, spansOf } from './gate-days.ts';
import type { PromiseEvidence } from './promise-evidence.ts';
import type { PromiseWatch } from './promise-watch.ts';
import type { StreamName } from './stream-tests.ts';

/** From the audits of the window, but for the state and the tests, which take all since the gate began. */
export interface AuditReport extends AuditEstimate {
  /** By all of the gate's audits in their order, looked at after each; `broken` where one stream's is. */
  readonly state: AuditState;
  /** Over all (`stream` null) and of each stream; none where nothing is promised. */
  readonly tests: readonly (PromiseEvidence & { readonly stream: StreamName })[];
  /** Audits of the window that people have answered, and that are neither right nor wrong. */
  readonly unjudged: Readonly<Record<Unjudged, number>>;
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
      const { outcomes, unjudged } = await store.figures.auditOutcomes(window);
      const promised = gate.calibration.proven?.risk ?? null;
      const estimate = estimateFromAudit(outcomes, promised, confidenceOf(gate));
      const evidence = (await deps.promise.evidence()) ?? new Map<StreamName, PromiseEvidence>();
      const tests = [...evidence].map(([stream, one]) => ({ ...one, stream }));
      const isBroken = deps.promise.closed().length > 0 || tests.some(({ state }) => state === 'broken');
      const overall = evidence.get(null)?.state ?? 'too_few_labels';
      // What one person alone has found may be an error yet.
      const worst = estimateFromAudit([...outcomes, ...doubts(unjudged)], promised, confidenceOf(gate));
      const holds = promised !== null && worst.exact_interval[1] <= promised;
      const isDoubted = worst.labels > estimate.labels && !holds;
      const state = overall === 'holding' && isDoubted ? 'too_few_labels' : overall;
      return { ...estimate, state: isBroken ? 'broken' : state, tests, unjudged: countsOf(unjudged) };
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

/** Those of which one person alone has said that the machine is wrong, as if it were. */
const doubts = (unjudged: readonly UnjudgedAudits[]): AuditOutcome[] =>
  unjudged.flatMap(({ why, ...one }) => (why === 'unconfirmed' ? [{ ...one, agrees: false }] : []));

function countsOf(unjudged: readonly UnjudgedAudits[]): AuditReport['unjudged'] {
  const count = (of: Unjudged): number =>
    unjudged.reduce((sum, { why, count: more }) => sum + (why === of ? more : 0), 0);
  return {
    unconfirmed: count('unconfirmed'),
    unreadable: count('unreadable'),
    discarded: count('discarded'),
  };
}

function confidenceOf(gate: Gate): number {
  return gate.calibration.proven?.confidence ?? CONFIDENCE;
}
