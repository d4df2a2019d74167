import { reasonSchema } from '../../src/wire/answers.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';

/** Labels and their values by the name of a sample. */
export type Exposed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** The samples of a text exposition. */
export function parseExposition(text: string): Exposed {
  const exposed = new Map<string, Map<string, Set<string>>>();
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = exposed.get(name) ?? new Map<string, Set<string>>();
    exposed.set(name, known);
    for (const [, label, value] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      known.set(label!, (known.get(label!) ?? new Set()).add(value!));
  }
  return exposed;
}

/** What the service exposes once all that it measures has happened. */
export async function everythingExposed(): Promise<Exposed> {
  const metrics = new Metrics();
  metrics.describeBuild({ version: '1', node: '24' });
  metrics.describeModel({ name: 'm', version: '1', digest: 'sha256:0' });
  metrics.describeGate({
    ...{ id: 'g', signal: 'risk', threshold: 0.1, promisedRisk: 0.02 },
    sensitivityQuantiles: [[0.5, 0.1]],
  });
  metrics.watchQueue(() =>
    Promise.resolve({ items: { pending: 1, claimed: 1, labelled: 1 }, oldestWaitingMs: null }),
  );
  metrics.watchPromise(() => Promise.resolve([{ stream: null, evidence: 0.01, isClosed: false }]));
  metrics.watchSelectiveRisk(() => Promise.resolve({ estimate: 0.01, lower: 0.005, upper: 0.03 }));
  metrics.watchDrift(() => 0.02);
  const change = { isAlarmed: true, progress: 0.5, autocorrelation: 0.1 };
  metrics.watchChange(() => Promise.resolve(['', 'camera-1'].map((stream) => ({ stream, ...change }))));
  metrics.watchDatabase(() => ({ connections: { most: 10, open: 2, idle: 1 }, waiting: 0, bytes: 1 }));
  metrics.watchProcesses(() => Promise.resolve([{ role: 'engine', place: 0, bytes: 1 }]));
  metrics.watchKept(() => Promise.resolve({ images: 1, bytes: 1 }));
  metrics.watchConnections(() => ({ open: 1, most: 1000 }));
  metrics.watchInflight('upload', () => ({ held: 1, most: 2 }));
  metrics.watchInflight('download', () => ({ held: 1, most: 2 }));
  metrics.countCall('ann', false);
  metrics.expectReasons(reasonSchema.options, ['camera-1', 'other']);
  for (const status of [200, 400, 499, 503])
    metrics.observeHttp({ method: 'POST', route: '/v1/predictions', status, seconds: 0.1 });
  const measured = { sensitivity: 1, probes: 8, passes: 9, queueSeconds: 0, computeSeconds: 0.1 };
  const prediction = { ...measured, stream: 'camera-1' };
  metrics.observePrediction({ ...prediction, decision: 'auto', reasons: [] });
  const reasons = [
    ...['sensitive', 'unconfident', 'unfamiliar', 'damaged_image', 'audit'],
    ...['over_budget', 'not_measurable', 'uncalibrated'],
  ];
  metrics.observePrediction({ ...prediction, decision: 'review', reasons });
  for (const agrees of [true, false, null])
    metrics.observeLabel({ reasons, agrees, leadSeconds: 1, reviewer: 'ann' });
  metrics.observeBatch(8);
  metrics.countEngineRestart();
  return parseExposition(await metrics.exposition());
}
