/**
 * What does the gate cost? Images a second through the engine, every probe included, against plain ONNX
 * Runtime on the same cores; and how often its decisions are those of the exact Jacobian, on test images as
 * they are and shifted.
 */
import { join } from 'node:path';
import { readGate } from '../src/gate/read-gate.ts';
import { loadModel } from '../src/model/load.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { agreementOf, measureCase, readCases, thresholdAt } from './cases.ts';
import { describeMachine, eachOpen, median, openEngine, raw, result, root, short } from './harness.ts';
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
  const plainSpeeds: number[] = [];
  const gatedSpeeds: number[] = [];
  const gated = async (): Promise<void> => {
    const began = performance.now();
    await eachOpen(clean.length, OPEN, async (i) => {
      await measureCase(engine, model, clean[i]!, procedure);
    });
    gatedSpeeds.push((1000 * clean.length) / (performance.now() - began));
  };
  for (let round = 0; round < ROUNDS; round++) {
    // Each goes first in every other round, so that neither has the warmer machine.
    if (round % 2 === 0) await gated();
    plainSpeeds.push(await plain.throughput(clean.length));
    if (round % 2 === 1) await gated();
  }
  raw(`plain images/s, batch ${plain.batch}`, plainSpeeds);
  raw(`gated images/s at coverage ${coverage}`, gatedSpeeds);
  result('gate-cost', {
    coverage,
    ratio: median(gatedSpeeds.map((speed, i) => speed / plainSpeeds[i]!)),
    ...(await agreementOf(engine, model, cases, procedure)),
  });
}
await plain.release();
engine.close();
