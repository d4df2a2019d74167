import type { AuditLabel } from '../store/audit-labels.ts';
import { createDailyBets, type DailyBets } from './daily-bets.ts';
import { createEvidenceTest, type EvidenceTest, type PromiseEvidence } from './promise-evidence.ts';

/** The group of streams that a test is of; null for all together. */
export type StreamName = string | null;

/** Whose promise is tested, and which labels speak for it. */
export interface TestedGate {
  readonly gateId: string;
  readonly promised: number;
  readonly confidence: number;
  /** The group of streams that an answer counts to; null for all where streams are not told apart. */
  readonly groupOf: (stream: string | null) => StreamName;
  /** Answers from then on speak for the stream: since a lead last reopened it; 0 where nobody has. */
  readonly sinceMs: (stream: StreamName) => number;
  /** Whether that stream alone is closed, and so speaks no longer for all together. */
  readonly isApart: (stream: StreamName) => boolean;
}

/** The tests of one gate: of all streams together and, where they are told apart, of each. */
export interface StreamTests {
  observe(label: AuditLabel): void;
  summaries(): ReadonlyMap<StreamName, PromiseEvidence>;
  copy(): StreamTests;
}

/**
 * Tests the promise over all answers, and over those of each stream.
 *
 * What may be bet on a day is shared: most goes to the stream that the label is of and the rest to all
 * together, so that the rate of false proofs is that of the whole gate, however many streams there are, and
 * one bad stream is found out before it closes the others. Where none are told apart all of it goes to the
 * one test.
 *
 * Rates of audits may differ by stream. Within one they are the same at one time, so its labels are a sample
 * of its answers as they come. Over all, a label of a stream that is audited more weighs less: by the lowest
 * of the rates that are in force, which are those of each stream's latest label.
 */
export function createStreamTests(gate: TestedGate): StreamTests {
  return resume(gate, createDailyBets(), new Map(), new Map());
}

const OWN = 0.9;

function resume(
  gate: TestedGate,
  bets: DailyBets,
  tests: Map<StreamName, EvidenceTest>,
  rates: Map<StreamName, number>,
): StreamTests {
  const testOf = (stream: StreamName): EvidenceTest => {
    const known = tests.get(stream) ?? createEvidenceTest(gate.promised, gate.confidence);
    tests.set(stream, known);
    return known;
  };
  return {
    observe: (label) => {
      if (label.gateId !== gate.gateId) return;
      const stream = gate.groupOf(label.stream);
      const bet = bets.next(label.decidedMs);
      const { agrees, decidedMs, answeredMs, inclusionProbability: rate } = label;
      if (agrees === null) return;
      if (answeredMs < gate.sinceMs(stream)) return;
      if (stream !== null) testOf(stream).observe({ agrees, decidedMs, weight: 1, bet: bet * OWN });
      if (gate.isApart(stream)) return;
      rates.set(stream, rate);
      let lowest = rate;
      for (const other of rates.values()) lowest = Math.min(lowest, other);
      const weight = stream === null ? 1 : lowest / rate;
      testOf(null).observe({ agrees, decidedMs, weight, bet: stream === null ? bet : bet * (1 - OWN) });
    },
    summaries: () => {
      testOf(null);
      return new Map([...tests].map(([stream, test]) => [stream, test.summary()]));
    },
    copy: () =>
      resume(
        gate,
        bets.copy(),
        new Map([...tests].map(([stream, test]) => [stream, test.copy()])),
        new Map(rates),
      ),
  };
}
