/**
 * The service without its gate, to compare with: the same HTTP, decoding and engine, one forward pass an
 * image and no probe. `RECORD=no` also leaves out the record, which no client of Sensigate could do without.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { monotonicFactory } from 'ulid';
import { readSettings } from '../src/service/settings.ts';
import { createApp } from '../src/fronts/http/app.ts';
import { createDecode } from '../src/model/decode.ts';
import { loadModel } from '../src/model/load.ts';
import type { Answer } from '../src/prediction/answer.ts';
import { DEFAULT_PLAN } from '../src/gate/measurement-plan.ts';
import { hashPixels, measureInput } from '../src/prediction/measure-input.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { createLog } from '../src/telemetry/log.ts';
import { Metrics } from '../src/telemetry/metrics.ts';
import { openEngine } from './harness.ts';
import { recordOne } from '../support/record-one.ts';

const settings = readSettings(process.env);
const model = await loadModel(settings.MODEL_DIR);
const engine = await openEngine(model);
const store = await openSqliteStore({ file: join(settings.DATA_DIR, 'sensigate.db') });
const decode = createDecode(model.manifest, settings.MAX_IMAGE_PIXELS);
const newId = monotonicFactory();
// A prior that is certain of everything: no input gets a probe.
const certain = { intercept: -50, slope: 0, deviation: 0.1, support: [-1e9, 1e9] as const };
const procedure = { plan: { ...DEFAULT_PLAN, looks: [0, 1], prior: certain }, threshold: 1e9 };

const classify = async (bytes: Uint8Array): Promise<Answer> => {
  const { pixels } = await decode(bytes);
  const inputHash = hashPixels(pixels);
  const { result } = await measureInput(
    engine,
    pixels,
    inputHash,
    model.digest,
    procedure,
    settings.DEADLINE_MS,
  );
  if (result?.passes !== 1) throw new Error(`expected one pass, got ${result?.passes}`);
  const label = model.manifest.labels[result.predicted]!;
  const probability = result.probabilities[result.predicted]!;
  const answer: Answer = {
    id: newId(),
    stream: null,
    decision: 'auto',
    reasons: [],
    label,
    prediction: { label, index: result.predicted, probability, top: [{ label, probability }] },
    sensitivity: null,
    signals: {},
    gate: null,
    model: { name: model.manifest.name, digest: model.digest },
    review: null,
    timing: null,
  };
  if (process.env.RECORD !== 'no') {
    const { id } = answer;
    await recordOne(
      store,
      {
        id,
        caller: 'local',
        stream: null,
        createdMs: Date.now(),
        inputHash,
        modelDigest: model.digest,
        gateId: null,
        decision: 'auto',
        reasons: [],
        inclusionProbability: 0,
        predictedLabel: label,
        priority: 0,
        answer: { id, label },
      },
      null,
    );
  }
  return answer;
};

const app = createApp({
  predictor: {
    decide: async ({ inputs, key }) => {
      if (inputs.kind !== 'images' || key !== null)
        throw new Error('it takes images, and no idempotency keys');
      return { answers: await Promise.all(inputs.images.map(classify)), repeated: false };
    },
    find: () => Promise.resolve(null),
    sensitivityMap: () => Promise.resolve(null),
  },
  store,
  model: { ...model.manifest, digest: model.digest },
  oversight: {
    audit: () => Promise.resolve(null),
    spans: () => Promise.resolve([]),
    whatIf: () => Promise.resolve(null),
  },
  watch: {
    alarms: () => [],
    states: () => [],
    isWatching: () => false,
    onShift: 'alert',
    end: () => Promise.resolve('no_gate'),
  },
  promise: { closed: () => [], reopen: () => Promise.resolve('no_gate') },
  onAnswered: () => undefined,
  gate: () => ({ gate: null, reason: 'it only classifies', refused: null }),
  showPrediction: () => false,
  readiness: () => ({ ready: engine.ready, reason: '' }),
  metrics: new Metrics(),
  log: createLog(settings.LOG_LEVEL),
  limits: {
    maxBodyBytes: settings.MAX_BODY_BYTES,
    maxInflightBytes: settings.MAX_INFLIGHT_BYTES,
    maxDownloadBytes: settings.MAX_DOWNLOAD_BYTES,
    maxParts: 64,
    maxDeadlineMs: 60_000,
  },
  access: null,
  callLimits: { requestsPerMinute: null, failuresPerMinute: 30, trustedProxies: [] },
  page: null,
});
const server = createServer(app);
server.listen(settings.PORT, settings.HOST);
process.once('SIGTERM', () => {
  engine.close();
  server.close();
  server.closeAllConnections();
  void store.close();
});
