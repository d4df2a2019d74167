/**
 * Runs in a copy of the sources: finds the signal that is named wherever signals are, and prints where it is
 * as JSON.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDataset } from '../../src/dataset/open.ts';
import { canonicalJson } from '../../src/model/digest.ts';
import { parseGate } from '../../src/gate/read-gate.ts';
import { servedSignals } from '../../src/gate/rule.ts';
import { type SignalName, SIGNALS } from '../../src/gate/signals/registry.ts';
import { loadModel } from '../../src/model/load.ts';
import { calibrate, type Calibrated } from '../../src/study/calibration/calibrate.ts';
import { evaluate } from '../../src/study/evaluation/evaluate.ts';
import { evaluateDataset } from '../../src/study/evaluation/evaluate-dataset.ts';
import { openDatasetEngine } from '../../src/study/measuring/dataset-engine.ts';
import { hashDataset } from '../../src/study/measuring/hash-dataset.ts';
import { measureDataset } from '../../src/study/measuring/measure-dataset.ts';
import { markdownTables } from '../../src/study/report/markdown.ts';
import { renderReport } from '../../src/study/report/report.ts';
import { signalStyle } from '../../src/study/report/signal-style.ts';

const name = process.argv[2] as SignalName;
const folder = fileURLToPath(new URL('../../models/fashion-mnist', import.meta.url));
const model = await loadModel(folder);
const dataset = await openDataset(join(folder, 'samples'), model, { maxPixels: 1e6 });
const hashed = await hashDataset(dataset, { labels: model.manifest.labels, fewest: 0 });
const engine = await openDatasetEngine(model);
const onProgress = (): (() => void) => () => undefined;

const by = (signal: SignalName | 'best'): Promise<Calibrated> =>
  calibrate(engine, model, hashed, {
    ...{
      signal,
      goal: { method: 'coverage', coverage: 0.8, confidence: 0.95 },
      salt: 'new signal',
      calm: 1,
      unfamiliar: 0,
    },
    ...{ cache: null, onProgress, created: '', tool: '' },
  });
const { gate } = await by(name);
const read = parseGate(JSON.stringify(gate), 'gate.json', model.digest);
const measured = await measureDataset(engine, model, hashed.images.slice(0, 1), {
  plan: read.measurement,
  threshold: null,
});
const { estimate } = measured.images[0]!;
const { standings } = await by('best');
const { images } = await evaluateDataset(engine, model, hashed, { gate: read, risk: null, onProgress });
engine.close();

const report = {
  ...{ tool: '', created: '', model: { name: '', digest: '' }, labels: model.manifest.labels, data: '' },
  ...{ gate: read, risk_is_cross_fitted: false, seconds_per_label: 5, problems: [] },
  parts: [
    {
      name: 'as they are',
      evaluation: evaluate(images, { classes: 10, threshold: -read.threshold, secondsPerLabel: 5 }),
    },
  ],
};
const drawnAs = signalStyle(name);
const page = renderReport(report, []);

process.stdout.write(
  JSON.stringify({
    computed: servedSignals(read, estimate)[name] === SIGNALS[name].of(estimate, null),
    byName: {
      signal: read.signal,
      acceptsHigh: images.every(
        ({ gate: own, scores }) =>
          own!.score === scores[name] && own!.score <= -read.threshold === -scores[name] >= read.threshold,
      ),
      readBack: canonicalJson({ ...read, id: '' }) === canonicalJson({ ...gate!, id: '' }),
    },
    standings: standings.some(({ signal }) => signal === name),
    markdown: markdownTables(report).includes(`| ${drawnAs.name} `),
    page: page.includes(`stroke-dasharray="${drawnAs.dash}"`) && page.includes(`<dt>${drawnAs.name}</dt>`),
  }),
);
