import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDailyBets } from '../../src/oversight/daily-bets.ts';
import { AUDITS_A_DAY } from '../../src/oversight/proof-limit.ts';
import { DAY_MS } from '../../src/store/day-counts.ts';

/** What is bet on each of so many days, `perDay(day)` labels spread over it. */
function betsOf(days: number, perDay: (day: number) => number): number[] {
  const bets = createDailyBets();
  return Array.from({ length: days }, (_, day) => {
    let sum = 0;
    const labels = perDay(day);
    for (let i = 0; i < labels; i++) sum += bets.next(day * DAY_MS + Math.floor((i * DAY_MS) / labels));
    return sum;
  });
}

describe('the bets of a day', () => {
  it('are 1 for each label while there are no more than stated', () => {
    assert.deepEqual(
      betsOf(3, () => AUDITS_A_DAY),
      [AUDITS_A_DAY, AUDITS_A_DAY, AUDITS_A_DAY],
    );
    assert.deepEqual(
      betsOf(2, () => 7),
      [7, 7],
    );
  });

  it('are together no more than stated, however many are labelled', () => {
    const [, ...days] = betsOf(20, () => 1234);
    for (const day of days) assert.ok(Math.abs(day - AUDITS_A_DAY) < 1e-6, String(day));
  });

  it('remember last week where nobody labels on two days of it', () => {
    const weeks = betsOf(28, (day) => (day % 7 < 5 ? 500 : 0)).slice(7);
    for (const day of weeks) assert.ok(day <= AUDITS_A_DAY + 1e-6, String(day));
  });

  it('are as large again a week after a day of many', () => {
    const days = betsOf(10, (day) => (day === 0 ? 1000 : 10));
    assert.ok(days[7]! < 2 && days[8]! === 10, days.join());
  });
});
