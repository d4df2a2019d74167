import type { ServerResponse } from 'node:http';
import type { Response } from 'express';
import { fileURLToPath } from 'node:url';
import { monotonicFactory } from 'ulid';
import packageJson from '../../package.json' with { type: 'json' };
import { type Config, DEFAULT_AUDIT_SALT, readConfig } from '../service/settings.ts';
import { batchRowsFor } from '../engine/batch-rows.ts';
import { createEngine } from '../engine/engine.ts';
import type { Gate } from '../gate/gate.ts';
import { createApp } from '../fronts/http/app.ts';
import { drain, endConnectionsAfterAnswers } from '../fronts/http/server/drain.ts';
import { contextOf } from '../fronts/http/server/request-context.ts';
import { readPage } from '../fronts/http/routes/page-files.ts';
import { createHttpServer } from '../fronts/http/server/server.ts';
import { createDecode } from '../model/decode.ts';
import { loadModel } from '../model/load.ts';
import { createOversight } from '../oversight/oversight.ts';
import { createPredictor } from '../prediction/decide.ts';
import { storedSignals } from '../prediction/stored-answer.ts';
import { observeAnswer, riskOfAudit, traceAnswer } from '../service/answer-telemetry.ts';
import { atMostEvery } from '../service/throttle.ts';
import { createGateTrail, type GateTrail } from '../service/gate-trail.ts';
import { openAccess, watchApiKeys } from '../service/open-access.ts';
import { openStore } from '../service/open-store.ts';
import { createReleases, type Releases } from '../service/releases.ts';
import { openServedGate, shownGate } from '../service/served-gate.ts';
import { CLOSE_MS, listenForStop, Stopped, type Stop } from '../service/stop.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { Traces } from '../telemetry/traces.ts';

/** An engine that says nothing for so long while it has work hangs; no batch takes this long. */
const ENGINE_SILENCE_MS = 15_000;
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
 * Runs the service until it is asked to stop: the one place that opens things and joins them. Every opener pushes its
 * release; they run last-opened-first, once.
 *
 * Exit code 0 when every request that had arrived whole was answered, also where it was stopped while it started; 1
 * where requests had to be cut off. docs/operations.md, "Stopping".
 */
export async function serve(): Promise<number> {
  const stop = listenForStop();
  const releases = createReleases();
  try {
    const config = readConfig(process.env);
    const log = createLog(config.LOG_LEVEL);
    void stop.asked.then(() => {
      endInTime(config, log);
    });
    return await run(config, log, stop, releases).catch((error: unknown) => {
      if (!(error instanceof Stopped)) throw error;
      log.info(error.message);
      return 0;
    });
  } finally {
    await releases.run();
    stop.close();
  }
}

/** Whatever still hangs then, such as a database that does not answer, has nothing that was promised to anyone. */
function endInTime({ SHUTDOWN_DELAY_MS, SHUTDOWN_GRACE_MS }: Config, log: Log): void {
  const timer = setTimeout(
    () => {
      log.error('stopping takes too long: ending now');
      process.exit(1);
    },
    SHUTDOWN_DELAY_MS + SHUTDOWN_GRACE_MS + CLOSE_MS,
  );
  timer.unref();
}

async function run(config: Config, log: Log, stop: Stop, releases: Releases): Promise<number> {
  const metrics = new Metrics(Date.now, (problem) => {
    log.warn(problem, 'a scrape of the metrics went without figures that their source did not give');
  });
  metrics.describeBuild({ version: packageJson.version, node: process.versions.node });
  const traces = await openTraces(config, log);
  if (traces !== null) releases.push(() => traces.close());
  const access = await openAccess(config, log);
  if (access.verify !== null && config.AUDIT_SALT === DEFAULT_AUDIT_SALT) {
    log.warn(
      'AUDIT_SALT is the one that everybody knows: whoever sees an image can compute whether it is an audit. Set one of your own and keep it secret',
    );
  }
  const model = await loadModel(config.MODEL_DIR);
  metrics.describeModel({ name: model.manifest.name, version: model.manifest.version, digest: model.digest });
  let gateTrail: GateTrail | null = null;
  const gateFile = await openServedGate({
    ...{ config, model, log, metrics, releases },
    // The one place for whatever has to know that another gate decides from now on.
    onGateChange: (gate, former) => {
      log.info(
        { gate: gate.id, former: former?.id ?? null },
        'the gate file was replaced: its gate decides from now on',
      );
      gateTrail?.changed();
    },
  });
  const gate = (): Gate | null => gateFile.inUse.gate;

  // One that opens too late, after a stop, is closed by itself.
  const opening = openStore(config).then((opened) => {
    releases.push(() => opened.close());
    return opened;
  });
  const store = await stop.unlessAsked(opening);
  const trailOfGates = createGateTrail(store.trail, gate, log);
  gateTrail = trailOfGates;
  trailOfGates.changed();
  releases.push(() => trailOfGates.stop());
  const keyWatch = watchApiKeys(access.keys, { trail: store.trail, log, metrics });
  releases.push(() => keyWatch.stop());
  metrics.watchQueue(() => store.figures.statistics());
  const oversight = createOversight({ store, model, signalsOf: storedSignals, gate, now: Date.now });
  metrics.watchSelectiveRisk(async () => riskOfAudit(await oversight.audit()));

  const engine = createEngine(model, {
    processes: config.ENGINE_PROCESSES,
    threads: config.ENGINE_THREADS,
    batchRows: batchRowsFor(model.dimension),
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
  await stop.unlessAsked(engine.started());
  if (engine.unusable !== null) throw new Error(engine.unusable);

  const predictor = createPredictor({
    model,
    decode: createDecode(model.manifest, config.MAX_IMAGE_PIXELS),
    engine,
    gate,
    store,
    deadlineMs: config.DEADLINE_MS,
    queueLimit: config.QUEUE_LIMIT,
    audit: { rate: config.AUDIT_RATE, salt: config.AUDIT_SALT },
    newId: monotonicFactory(),
    now: Date.now,
    onPrediction: (answer, passes) => {
      observeAnswer(metrics, answer, passes);
      if (traces !== null) traceAnswer(traces, answer);
    },
  });

  const page = await readPage(PAGE_FOLDER);
  if (page === null) log.warn('the page for reviewers is not built: make build/web');

  const app = createApp({
    predictor,
    store,
    model: { ...model.manifest, digest: model.digest },
    gate: () => shownGate(gateFile.inUse),
    oversight,
    showPrediction: () => gate()?.show_prediction ?? false,
    readiness: () => {
      if (stop.isAsked) return { ready: false, reason: 'The service is stopping.' };
      if (!engine.ready) return { ready: false, reason: engine.unusable ?? 'The engine is starting.' };
      const { error } = gateFile.inUse;
      return {
        ready: true,
        reason:
          error === null ? 'Model and gate are loaded.' : `Every image goes to review: ${error.message}`,
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
    access: access.verify,
    callLimits: {
      requestsPerMinute: config.RATE_LIMIT_PER_MINUTE === 0 ? null : config.RATE_LIMIT_PER_MINUTE,
      failuresPerMinute: config.AUTH_FAILURES_PER_MINUTE,
      trustedProxies: config.TRUSTED_PROXIES,
    },
    page,
  });

  const turnedAway = atMostEvery(10_000, (count) => {
    log.warn(
      { count, limit: config.MAX_CONNECTIONS },
      'connections were turned away: MAX_CONNECTIONS are open',
    );
  });
  const http = createHttpServer(
    (request, response) => {
      // A caller that keeps its connection busy would keep the service from ending.
      if (stop.isAsked) response.setHeader('connection', 'close');
      const handle = (): void => {
        app(request, response);
      };
      if (traces === null) handle();
      else traces.request(request, response, () => routeOf(response), handle);
    },
    {
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      maxConnections: config.MAX_CONNECTIONS,
      maxWorkMs: MAX_DEADLINE_MS,
      onTurnedAway: turnedAway,
    },
  );
  const { server } = http;
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
      gate: gate()?.id ?? null,
    },
    access.verify === null ? 'listening on loopback only, without keys' : 'listening',
  );

  const signal = await stop.asked;
  const { SHUTDOWN_DELAY_MS: delayMs, SHUTDOWN_GRACE_MS: graceMs } = config;
  log.info({ signal }, 'stopping: not ready any more, finishing requests under way');
  endConnectionsAfterAnswers(http.open);
  // Until those who send requests have noticed, they are served.
  await Promise.race([elapsed(delayMs), stop.askedAgain]);
  const lost = await drain(http, Promise.race([elapsed(graceMs), stop.askedAgain]));
  if (lost === 0) return 0;
  log.warn({ count: lost }, 'requests were cut off: they had arrived and were not answered in time');
  return 1;
}

/** Resolves then; nothing waits for it alone. */
function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
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

function routeOf(response: ServerResponse): string {
  return contextOf(response as Response).route?.path ?? 'unmatched';
}
