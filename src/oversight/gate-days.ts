import { type AuditEstimate, estimateFromAudit } from './audit-estimate.ts';
import { DAY_MS, type DayCounts } from '../store/day-counts.ts';

/** Consecutive days of one gate, in UTC. */
export interface GateSpan extends Pick<DayCounts, 'labelled' | 'discarded' | 'flagged' | 'automatic'> {
  /** The midnight in UTC at which it begins. */
  readonly fromMs: number;
  /** The midnight at which it ends. */
  readonly untilMs: number;
  readonly audit: AuditEstimate;
}

/**
 * Joins days to spans of `length`, counted back from the last; the first may be shorter. Each has an estimate
 * of its own.
 */
export function spansOf(
  days: readonly DayCounts[],
  length: number,
  promised: number | null,
  confidence: number,
): GateSpan[] {
  const spans: GateSpan[] = [];
  for (let end = days.length; end > 0; end -= length) {
    const within = days.slice(Math.max(0, end - length), end);
    const sum = (of: (day: DayCounts) => number): number => within.reduce((total, day) => total + of(day), 0);
    spans.unshift({
      fromMs: within[0]!.dayMs,
      untilMs: within.at(-1)!.dayMs + DAY_MS,
      labelled: sum(({ labelled }) => labelled),
      discarded: sum(({ discarded }) => discarded),
      flagged: sum(({ flagged }) => flagged),
      automatic: sum(({ automatic }) => automatic),
      audit: estimateFromAudit(
        within.flatMap(({ outcomes }) => outcomes),
        promised,
        confidence,
      ),
    });
  }
  return spans;
}
