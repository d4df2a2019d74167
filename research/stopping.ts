/**
 * Which rule stops probing best? Probes and agreement with the exact Jacobian's decisions for each, on test
 * images as they are and shifted; and forward against central differences.
 */
import { join } from 'node:path';
import type { MeasurementPlan } from '../src/gate/measurement-plan.ts';
import { readGate } from '../src/gate/read-gate.ts';
import { loadModel } from '../src/model/load.ts';
import { agreementOf, readCases, thresholdAt } from '../bench/cases.ts';
import { describeMachine, openEngine, result, root, short } from '../bench/harness.ts';

describeMachine();
const folder = join(root, 'models/fashion-mnist');
const model = await loadModel(folder);
const { measurement } = await readGate(join(folder, 'gate.json'), model.digest);
const engine = await openEngine(model);
const all = await readCases(engine, model, short ? 1 : 5);
const cases = short ? all.filter((_, i) => i % 20 === 0) : all;

const fromOne = [1, 2, 4, 8, 16];
const fromNone = [0, ...fromOne];
const rules: Record<string, MeasurementPlan> = {
  fixed_8: { ...measurement, looks: [8], prior: null, steepest: null, error: 0.49 },
  chi_square: { ...measurement, looks: [...fromOne, 32, 64], prior: null, steepest: null },
  prior_random: { ...measurement, looks: [...fromNone, 32, 64], steepest: null },
  prior_steepest: measurement,
  prior_steepest_from_one: { ...measurement, looks: measurement.looks.filter((look) => look > 0) },
  prior_steepest_central: { ...measurement, difference: 'central' },
  prior_steepest_long_step: { ...measurement, step: 1e-3 },
};
for (const coverage of [0.95, 0.9]) {
  const threshold = thresholdAt(all, coverage);
  for (const [rule, plan] of Object.entries(rules)) {
    for (const error of rule.startsWith('prior') ? [0.005, 0.02, 0.05, 0.2] : [plan.error]) {
      const procedure = { plan: { ...plan, error }, threshold };
      result('stopping', { rule, coverage, error, ...(await agreementOf(engine, model, cases, procedure)) });
    }
  }
}
engine.close();
