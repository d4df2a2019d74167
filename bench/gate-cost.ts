/**
 * What does the gate cost? Images a second through the engine, every probe included, against plain ONNX
 * Runtime on the same cores; and how often its decisions are those of the exact Jacobian, on test images as
 * they are and shifted.
 */
import { join } from 'node:path';
import type { Estimate } from '../src/engine/job.ts';
import { decide, measuredFor } from '../src/gate/decide.ts';
import { readGate } from '../src/gate/read-gate.ts';
import { loadModel } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import type { Procedure } from '../src/prediction/measure-input.ts';
import { agreementOf, measureCase, readCases, thresholdAt } from './cases.ts';
import { check, describeMachine, eachOpen, median, openEngine, raw, result, root, short } from './harness.ts';
import { openPlain } from './plain.ts';

const ROUNDS = short ? 1 : 7;
const OPEN = 128;

describeMachine();
const folder = join(root, 'models/fashion-mnist');
const model = await loadModel(folder);
const gate = await readGate(join(folder, 'gate.json'), model.digest);
const engine = await openEngine(model);
const all = await readCases(engine, model, short ? 2 : 10);
const cases = short ? all.filter((_, i) => i % 10 === 0) : all;
const clean = cases.filter(({ shift }) => shift === null);
const preprocess = createPreprocess(model.manifest);
const plain = await openPlain(
  model,
  clean.slice(0, 128).map(({ pixels }) => preprocess(pixels).values),
);
await plain.throughput(256);

for (const coverage of [0.95, 0.9]) {
  const procedure = { plan: gate.measurement, threshold: thresholdAt(all, coverage) };
  /** As a gate on the sensitivity alone measures, with no look at the picture and no copy of it. */
  const alone = { ...procedure, plan: { ...gate.measurement, statistics: false, copies: null } };
  const plainSpeeds: number[] = [];
  const gatedSpeeds: number[] = [];
  const aloneSpeeds: number[] = [];
  const speedOf = async (by: Procedure, each: (measured: Estimate) => void): Promise<number> => {
    const began = performance.now();
    await eachOpen(clean.length, OPEN, async (i) => {
      each(await measureCase(engine, model, clean[i]!, by));
    });
    return (1000 * clean.length) / (performance.now() - began);
  };
  let automatic = 0;
  const gated = async (): Promise<void> => {
    automatic = 0;
    const speed = await speedOf(procedure, (measured) => {
      if (decide(measuredFor(gate, measured), gate, false).decision === 'auto') automatic++;
    });
    gatedSpeeds.push(speed);
  };
  for (let round = 0; round < ROUNDS; round++) {
    // Each goes first in every other round, so that neither has the warmer machine.
    if (round % 2 === 0) await gated();
    plainSpeeds.push(await plain.throughput(clean.length));
    aloneSpeeds.push(await speedOf(alone, () => undefined));
    if (round % 2 === 1) await gated();
  }
  check(automatic > clean.length / 2, `${automatic} of ${clean.length} images are automatic`);
  raw(`plain images/s, batch ${plain.batch}`, plainSpeeds);
  raw(`gated images/s at coverage ${coverage}`, gatedSpeeds);
  raw(`images/s by sensitivity alone at coverage ${coverage}`, aloneSpeeds);
  result('gate-cost', {
    coverage,
    ratio: median(gatedSpeeds.map((speed, i) => speed / plainSpeeds[i]!)),
    ratio_to_sensitivity_alone: median(gatedSpeeds.map((speed, i) => speed / aloneSpeeds[i]!)),
    ...(await agreementOf(engine, model, cases, procedure)),
  });
}
await plain.release();
engine.close();
