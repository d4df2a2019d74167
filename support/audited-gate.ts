import type { PromisingGate } from '../src/oversight/promise-watch.ts';
import type { Store } from '../src/store/store.ts';
import { labelNext, modelDigest, recordAudit, type TestClock } from './store-fixture.ts';

/** As many wrong audits in a row as prove that 2% or 10% is not kept, after some right ones or none. */
export const WRONG_ENOUGH = 14;

export function promisingGate(id: string, risk: number | null = 0.02): PromisingGate {
  return { id, calibration: { proven: risk === null ? null : { risk, confidence: 0.95 } } };
}

export interface AuditedAnswers {
  readonly gateId?: string;
  readonly wrong?: number;
  readonly right?: number;
  /** Of the audit. */
  readonly rate?: number;
  readonly stream?: string | null;
}

/**
 * Records audits of automatic answers and labels them, one a second: `wrong` first, on which two people
 * agree, then `right`.
 */
export async function auditAnswers(
  queue: Store,
  clock: TestClock,
  { gateId = 'gate-1', wrong = 0, right = 0, rate = 0.1, stream = null }: AuditedAnswers,
): Promise<void> {
  for (let i = 0; i < wrong + right; i++) {
    clock.ms += 1000;
    await recordAudit(queue, {
      id: `${gateId}-${clock.ms}-${i}`,
      ...{ gateId, stream, modelDigest, createdMs: clock.ms, inclusionProbability: rate },
    });
    await labelNext(queue, 'ada', i < wrong ? 'Coat' : 'Shirt');
    if (i < wrong) await labelNext(queue, 'ben', 'Coat');
  }
}
