import type { Findings } from './checker.ts';
import { check } from './harness.ts';

/** A line of the table that the suite prints. */
export interface Survived {
  readonly fault: string;
  /** How often or how much. */
  readonly done: string;
  readonly found: Findings | null;
  /** What was measured besides. */
  readonly note: string;
}

/** The line by which `run.ts` knows a row of its table. */
export const ROW = 'SURVIVED ';

/**
 * Reports one line, after holding what the checker found against the suite's promise.
 *
 * @throws where something was lost, came twice, was decided without a measurement, or differs from what was
 *   answered
 */
export function survived(row: Survived): void {
  const { found, fault } = row;
  if (found !== null) {
    const wrong = [
      ...found.lost,
      ...found.duplicated,
      ...found.unmeasured,
      ...found.differing,
      ...found.unasked,
    ];
    check(wrong.length === 0, `${fault}: ${wrong.length} findings:\n  ${wrong.slice(0, 20).join('\n  ')}`);
    check(found.acknowledged > 0, `${fault}: nothing was acknowledged, so nothing was tested`);
  }
  console.log(ROW + JSON.stringify(row));
}

/** Says that a fault cannot be had on this machine. */
export function leftOut(fault: string, why: string): void {
  console.log(ROW + JSON.stringify({ fault, done: 'left out', found: null, note: why }));
}
