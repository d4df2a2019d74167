import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUniform } from '../../src/numerics/random.ts';
import { AUDIT_SETTINGS } from '../../support/audit-settings.ts';
import { heaviestErrors, simulateAudits } from '../../support/simulated-audits.ts';

const RUNS = 2000;
/** Every run of these has 31 windows. */
const RUNS_OF_DAYS = 1000;
/** From here on the number of errors is fine enough for 93% to 97% at each single risk. */
const ENOUGH_ERRORS = 5;
/** Three standard errors of 95% in so many runs. */
const CHANCE = 3 * Math.sqrt((0.95 * 0.05) / RUNS);

const settings = AUDIT_SETTINGS.map((setting, i) => {
  const { stretches, length } = setting;
  const runs = length === stretches.length ? RUNS : RUNS_OF_DAYS;
  return {
    ...setting,
    enough: heaviestErrors(stretches, length) >= ENOUGH_ERRORS,
    coverage: () => simulateAudits(stretches, length, runs, Uint32Array.of(19, 61, 7, i + 1)),
  };
});

describe('the audit’s 95% interval, with the truth simulated', () => {
  for (const { name, coverage } of settings.filter(({ enough }) => enough)) {
    it(`holds the true risk in 93% to 97% of runs: ${name}`, () => {
      const { reported, exact } = coverage();
      assert.ok(reported >= 0.93 && reported <= 0.97, `reported: ${reported}`);
      assert.ok(exact >= 0.95 - CHANCE, `exact: ${exact}`);
    });
  }

  for (const { name, coverage } of settings.filter(({ enough }) => !enough)) {
    it(`holds it in no fewer than 92% where few errors are to be expected: ${name}`, () => {
      const { reported, exact } = coverage();
      assert.ok(reported >= 0.92, `reported: ${reported}`);
      assert.ok(exact >= 0.95 - CHANCE, `exact: ${exact}`);
    });
  }

  it('holds it in 93% to 97% of runs whose risk, size and rate are drawn at random, few errors or many', () => {
    const uniform = createUniform(Uint32Array.of(5, 4, 3, 2));
    const between = (low: number, high: number) => low * (high / low) ** uniform();
    let held = 0;
    for (let run = 0; run < RUNS; run++) {
      const stretch = {
        inputs: Math.round(between(200, 10_000)),
        risk: between(0.003, 0.05),
        rate: between(0.02, 1),
      };
      held += simulateAudits([stretch], 1, 1, Uint32Array.of(run, 1, 2, 3)).reported;
    }
    assert.ok(held >= 0.93 * RUNS && held <= 0.97 * RUNS, `${held} of ${RUNS}`);
  });
});
