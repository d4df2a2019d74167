import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Response } from 'express';
import { fileURLToPath } from 'node:url';
import { monotonicFactory } from 'ulid';
import packageJson from '../../package.json' with { type: 'json' };
import { type Config, readConfig } from '../config.ts';
import { batchRowsFor } from '../engine/batch-rows.ts';
import { createEngine } from '../engine/engine.ts';
import { type Gate, GateError, readGate } from '../gate/gate.ts';
import { loadApiKeys } from '../http/api-keys.ts';
import { createApp } from '../http/app.ts';
import { contextOf } from '../http/request-context.ts';
import { readPage } from '../http/page-files.ts';
import { createDecode } from '../model/decode.ts';
import { loadModel, type Model } from '../model/load.ts';
import type { AuditEstimate } from '../gate/audit-estimate.ts';
import { kolmogorovSmirnov } from '../numerics/two-sample.ts';
import type { Answer } from '../prediction/answer.ts';
import { createHindsight } from '../prediction/hindsight.ts';
import { createPredictor } from '../prediction/create-predictor.ts';
import { openReviews } from './open-reviews.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { Traces } from '../telemetry/traces.ts';

/** An engine that says nothing for so long while it has work hangs; no batch takes this long. */
const ENGINE_SILENCE_MS = 15_000;
/** From SIGTERM to the end, requests under way included. */
export const DRAIN_MS = 20_000;
/**
 * Connections that may wait to be accepted; the kernel has its own limit, net.core.somaxconn. With node's 511 a burst loses the first packet
 * of some, and their callers wait one, three or seven seconds to send it again instead of being told at once to come again.
 */
const LISTEN_BACKLOG = 4096;
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
  metrics.describeBuild({ version: packageJson.version, node: process.versions.node });
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
  const traces = await openTraces(config, log);
  if (traces !== null) releases.push(() => traces.close());
  const access = config.API_KEYS_FILE === undefined ? null : await loadApiKeys(config.API_KEYS_FILE);
  const model = await loadModel(config.MODEL_DIR);
  metrics.describeModel({ name: model.manifest.name, version: model.manifest.version, digest: model.digest });
  const { gate, reason } = await openGate(config, model, log);
  metrics.describeGate(
    gate && {
      ...gate,
      promisedRisk: gate.calibration.proven?.risk ?? null,
      // What the dashboard draws beside the live ones; drift is measured against all.
      sensitivityQuantiles: gate.calibration.sensitivity_quantiles.filter(([share]) =>
        SHOWN_QUANTILES.includes(share),
      ),
    },
  );

  const reviews = await openReviews(config);
  releases.push(() => reviews.close());
  metrics.watchQueue(() => reviews.statistics());
  const hindsight = createHindsight({ reviews, model, gate, now: Date.now });
  metrics.watchSelectiveRisk(async () => riskOfAudit(await hindsight.audit()));
  metrics.watchDrift(() => driftFrom(gate, metrics.recentSensitivities()));

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
    audit: { rate: config.AUDIT_RATE, salt: config.AUDIT_SALT },
    newId: monotonicFactory(),
    now: Date.now,
    onPrediction: (answer, passes) => {
      observe(metrics, answer, passes);
      if (traces !== null) traceAnswer(traces, answer);
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
    hindsight,
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
    const handle = (): void => {
      app(request, response);
    };
    if (traces === null) handle();
    else traces.request(request, response, () => routeOf(response), handle);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: config.PORT, host: config.HOST, backlog: LISTEN_BACKLOG }, resolve);
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

/** What the audit tells, as metrics have it; null while nobody has labelled an audit. */
function riskOfAudit(audit: AuditEstimate | null): { estimate: number; lower: number; upper: number } | null {
  if (audit === null || audit.estimate === null) return null;
  return { estimate: audit.estimate, lower: audit.interval[0], upper: audit.interval[1] };
}

/** Shares of calibration's inputs whose sensitivity is a metric. */
const SHOWN_QUANTILES = [0.5, 0.9, 0.99];

/** Fewer sensitivities than this say little of a distribution: of 500 the distance is 0.06 by chance once in twenty times. */
const LEAST_FOR_DRIFT = 500;

/** Distance of the latest sensitivities from those of calibration. */
function driftFrom(gate: Gate | null, recent: Float64Array): number | null {
  const reference = gate?.calibration.sensitivity_quantiles ?? [];
  if (reference.length === 0 || recent.length < LEAST_FOR_DRIFT) return null;
  return kolmogorovSmirnov(
    recent,
    reference.map(([, value]) => value),
  );
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

/** Traces where OTEL_EXPORTER_OTLP_ENDPOINT says where to; else none of their code is even loaded. */
async function openTraces(config: Config, log: Log): Promise<Traces | null> {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return null;
  const traces = await import('../telemetry/traces.ts');
  return traces.openTraces({
    version: packageJson.version,
    share: config.OTEL_TRACES_SAMPLER_ARG,
    onProblem: (problem) => {
      log.warn({ problem }, 'traces cannot be sent');
    },
  });
}

function traceAnswer(traces: Traces, { decision, reasons, sensitivity, timing_ms }: Answer): void {
  traces.prediction(
    {
      'sensigate.decision': decision,
      'sensigate.reasons': [...reasons],
      ...(sensitivity && {
        'sensigate.sensitivity': sensitivity.value,
        'sensigate.probes': sensitivity.probes,
      }),
    },
    Object.entries(timing_ms ?? {}).map(([name, ms]) => ({ name, ms })),
  );
}

function routeOf(response: ServerResponse): string {
  return contextOf(response as Response).route?.path ?? 'unmatched';
}
