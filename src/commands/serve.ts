import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monotonicFactory } from 'ulid';
import { type Config, readConfig } from '../config.ts';
import { batchRowsFor } from '../engine/batch-rows.ts';
import { createEngine } from '../engine/engine.ts';
import { type Gate, GateError, readGate } from '../gate/gate.ts';
import { loadApiKeys } from '../http/api-keys.ts';
import { createApp } from '../http/app.ts';
import { readPage } from '../http/page-files.ts';
import { createDecode } from '../model/decode.ts';
import { loadModel, type Model } from '../model/load.ts';
import type { Answer } from '../prediction/answer.ts';
import { createPredictor } from '../prediction/create-predictor.ts';
import { openReviews } from './open-reviews.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';

/** An engine that says nothing for so long while it has work hangs; no batch takes this long. */
const ENGINE_SILENCE_MS = 15_000;
/** From SIGTERM to the end, requests under way included. */
const DRAIN_MS = 20_000;
const MAX_PARTS = 64;
const MAX_DEADLINE_MS = 600_000;
/** Where the reviewers' page is built, by `make` and in the image alike. */
const PAGE_FOLDER = fileURLToPath(new URL('../../build/web', import.meta.url));

/**
 * Runs the service until SIGTERM or SIGINT: the one place that opens things, joins them and handles signals. Every
 * opener pushes its release; they run last-opened-first, once.
 */
export async function serve(): Promise<number> {
  const config = readConfig(process.env);
  const log = createLog(config.LOG_LEVEL);
  const metrics = new Metrics();
  const releases: (() => Promise<void> | void)[] = [];
  try {
    return await run(config, log, metrics, releases);
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function run(
  config: Config,
  log: Log,
  metrics: Metrics,
  releases: (() => Promise<void> | void)[],
): Promise<number> {
  const access = config.API_KEYS_FILE === undefined ? null : await loadApiKeys(config.API_KEYS_FILE);
  const model = await loadModel(config.MODEL_DIR);
  metrics.describeModel({ name: model.manifest.name, version: model.manifest.version, digest: model.digest });
  const { gate, reason } = await openGate(config, model, log);
  metrics.describeGate(gate);

  const reviews = await openReviews(config);
  releases.push(() => reviews.close());
  metrics.watchQueue(() => reviews.statistics());

  const engine = createEngine(model, {
    processes: config.ENGINE_PROCESSES,
    threads: config.ENGINE_THREADS,
    batchRows: batchRowsFor(model.dimension),
    queueLimit: config.QUEUE_LIMIT,
    silenceMs: ENGINE_SILENCE_MS,
    events: {
      onBatch: (rows) => {
        metrics.observeBatch(rows);
      },
      onRestart: (how) => {
        metrics.countEngineRestart();
        log.warn({ how }, 'engine process ended; starting another');
      },
    },
  });
  releases.push(() => {
    engine.close();
  });
  await engine.started();
  if (engine.unusable !== null) throw new Error(engine.unusable);

  const predictor = createPredictor({
    model,
    decode: createDecode(model.manifest, config.MAX_IMAGE_PIXELS),
    engine,
    gate,
    reviews,
    deadlineMs: config.DEADLINE_MS,
    newId: monotonicFactory(),
    now: Date.now,
    onPrediction: (answer, passes) => {
      observe(metrics, answer, passes);
    },
  });

  const page = await readPage(PAGE_FOLDER);
  if (page === null) log.warn('the page for reviewers is not built: make build/web');

  let stopping = false;
  const app = createApp({
    predictor,
    reviews,
    model: { ...model.manifest, digest: model.digest },
    gate: gate === null ? { gate: null, reason } : { gate, reason: null },
    showPrediction: gate?.show_prediction ?? false,
    readiness: () => {
      if (stopping) return { ready: false, reason: 'The service is stopping.' };
      if (!engine.ready) return { ready: false, reason: engine.unusable ?? 'The engine is starting.' };
      return {
        ready: true,
        reason: gate === null ? `Every image goes to review: ${reason}` : 'Model and gate are loaded.',
      };
    },
    metrics,
    log,
    limits: {
      maxBodyBytes: config.MAX_BODY_BYTES,
      maxInflightBytes: config.MAX_INFLIGHT_BYTES,
      maxParts: MAX_PARTS,
      maxDeadlineMs: MAX_DEADLINE_MS,
    },
    access,
    page,
  });

  const server = createServer();
  server.on('request', (request, response) => {
    // A caller that keeps its connection busy would keep the service from ending.
    if (stopping) response.setHeader('connection', 'close');
    app(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.PORT, config.HOST, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : config.PORT;
  log.info(
    {
      url: `http://${config.HOST}:${port}`,
      model: model.manifest.name,
      digest: model.digest,
      gate: gate?.id ?? null,
    },
    access === null ? 'listening on loopback only, without keys' : 'listening',
  );

  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  stopping = true;
  log.info({ signal }, 'stopping: finishing requests under way');
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => {
      server.closeAllConnections();
    }, DRAIN_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
  return 0;
}

/** The gate of this model, or why there is none: the service goes on without, and asks a person about everything. */
async function openGate(
  config: Config,
  model: Model,
  log: Log,
): Promise<{ gate: Gate; reason: '' } | { gate: null; reason: string }> {
  try {
    const gate = await readGate(config.GATE_FILE ?? join(config.MODEL_DIR, 'gate.json'), model.digest);
    return { gate, reason: '' };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    log.warn({ code: error.code }, `no gate, so every image goes to review: ${error.message}`);
    return { gate: null, reason: error.message };
  }
}

function observe(metrics: Metrics, answer: Answer, passes: number): void {
  metrics.observePrediction({
    decision: answer.decision,
    reasons: answer.reasons,
    sensitivity: answer.signals.sensitivity ?? null,
    probes: answer.sensitivity?.probes ?? 0,
    passes,
    queueSeconds: (answer.timing_ms?.queue ?? 0) / 1000,
    computeSeconds: (answer.timing_ms?.compute ?? 0) / 1000,
  });
}
