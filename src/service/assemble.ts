import { fileURLToPath } from 'node:url';
import type { RequestListener } from 'node:http';
import packageJson from '../../package.json' with { type: 'json' };
import type { Gate } from '../gate/gate.ts';
import { createApp } from '../fronts/http/app.ts';
import { readPage } from '../fronts/http/routes/page-files.ts';
import { loadModel, type Model } from '../model/load.ts';
import { createOversight } from '../oversight/oversight.ts';
import { blurredId } from '../prediction/blurred-id.ts';
import { createPredictor } from '../prediction/create-predictor.ts';
import { storedMeasurement } from '../prediction/stored-answer.ts';
import { OTHER_STREAMS, streamGroups } from '../store/stream-group.ts';
import type { Log } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import type { Traces } from '../telemetry/traces.ts';
import { answerTelemetry, riskOfAudit } from './answer-telemetry.ts';
import { createGateTrail, type GateTrail } from './gate-trail.ts';
import { lockDatabase } from './lock-database.ts';
import { openChangeWatch } from './open-change-watch.ts';
import { openAccess, watchApiKeys } from './open-access.ts';
import { openDecoders } from './open-decoders.ts';
import { openEngine } from './open-engine.ts';
import { openRedraw } from './open-redraw.ts';
import { openKeptAnswers } from './open-kept-answers.ts';
import { keptImage, openStore } from './open-store.ts';
import { openTraces } from './open-traces.ts';
import { memoryOf } from './process-memory.ts';
import type { Releases } from './releases.ts';
import { openServedGate, shownGate } from './served-gate.ts';
import type { Settings } from './settings.ts';
import type { Stop } from './stop.ts';
import { watchPromise } from './watch-promise.ts';

const MAX_PARTS = 64;
/** Longest deadline that a request may ask for. */
export const MAX_DEADLINE_MS = 600_000;
/** Where the reviewers' page is built, by `make` and in the image alike. */
const PAGE_FOLDER = fileURLToPath(new URL('../../build/web', import.meta.url));

/** What the service is made of, as far as whoever listens needs it. */
export interface Assembled {
  readonly app: RequestListener;
  readonly traces: Traces | null;
  readonly metrics: Metrics;
  readonly model: Model;
  readonly gate: () => Gate | null;
  /** Whether callers need a key or a JWT. */
  readonly hasKeys: boolean;
}

/**
 * Opens what the service needs and joins it: the one place that knows all parts. Every opener pushes its
 * release.
 *
 * @throws OpenStoreError, ModelError, ApiKeysError where a part cannot be opened
 * @throws Stopped where stopping is asked for meanwhile
 */
export async function assemble(
  settings: Settings,
  { log, stop, releases }: { readonly log: Log; readonly stop: Stop; readonly releases: Releases },
): Promise<Assembled> {
  const metrics = new Metrics(Date.now, (problem) => {
    log.warn(problem, 'a scrape of the metrics went without figures that their source did not give');
  });
  metrics.describeBuild({ version: packageJson.version, node: process.versions.node });
  const traces = await openTraces(settings, log);
  if (traces !== null) releases.push(() => traces.close());
  const access = await openAccess(settings, log);
  const model = await loadModel(settings.MODEL_DIR);
  metrics.describeModel({ name: model.manifest.name, version: model.manifest.version, digest: model.digest });
  let gateTrail: GateTrail | null = null;
  const gateFile = await openServedGate({
    ...{ settings, model, log, metrics, releases },
    // The one place for whatever has to know that another gate decides from now on.
    onGateChange: (gate, former) => {
      log.info(
        { gate: gate.id, former: former?.id ?? null },
        'the gate file was replaced: its gate decides from now on',
      );
      gateTrail?.changed();
    },
  });
  const { gate } = gateFile;

  await lockDatabase(settings, releases);
  // One that opens too late, after a stop, is closed by itself.
  const opening = openStore(settings).then((opened) => {
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
  metrics.watchDatabase(() => store.figures.load());
  const promise = await watchPromise({ settings, store, model, gate, metrics, log, releases });
  const oversight = createOversight({
    store,
    model,
    measuredOf: storedMeasurement,
    promise,
    gate,
    now: Date.now,
  });
  metrics.watchSelectiveRisk(async () => riskOfAudit(await oversight.audit()));

  const streamGroup = streamGroups(settings.STREAMS);
  const { ON_SHIFT: onShift } = settings;
  const watch = await openChangeWatch({
    ...{ settings, model, gate, streamGroup, store, metrics, log, releases },
    onRaised: ({ stream, gateId, sinceMs }) => {
      if (onShift === 'alert') return;
      raiseAudits({ stream, gateId, sinceMs, modelDigest: model.digest, streams: settings.STREAMS });
    },
  });
  const isAlarmed = (group: string): boolean => onShift !== 'alert' && watch.standing(group) !== null;
  const kept = openKeptAnswers({ settings, isAlarmed, store, metrics, log, releases });
  const raiseAudits = openRedraw({ settings, store, log });

  const engine = await openEngine({ settings, model, metrics, log, stop, releases });
  const decoders = openDecoders({ settings, model, log, releases });
  metrics.watchProcesses(async () => [
    ...(await memoryOf('engine', engine.pids)),
    ...(await memoryOf('decoder', decoders.pids)),
  ]);
  const predictor = createPredictor({
    model,
    decode: decoders.decode,
    dearPlaces: { places: settings.DECODER_PROCESSES, memoryBytes: settings.DECODER_MEMORY_BYTES },
    keepImage: keptImage(settings),
    engine,
    gate,
    isClosed: promise.isClosed,
    store,
    deadlineMs: settings.DEADLINE_MS,
    queueLimit: settings.QUEUE_LIMIT,
    joinSame: settings.JOIN_SAME_IMAGES,
    kept,
    newId: () => blurredId(Date.now()),
    now: Date.now,
    streamGroup,
    onPrediction: answerTelemetry(metrics, traces, streamGroup),
    onDecided: watch.observe,
    isMistrusted: (group) => onShift === 'review' && isAlarmed(group),
  });

  const page = await readPage(PAGE_FOLDER);
  if (page === null) log.warn('the page for reviewers is not built: make build/web');

  const app = createApp({
    predictor,
    store,
    model: { ...model.manifest, digest: model.digest },
    gate: () => shownGate(gateFile.inUse),
    oversight,
    watch: { ...watch, onShift },
    promise,
    onAnswered: promise.answered,
    showPrediction: () => gate()?.show_prediction ?? false,
    streamGroups: [...settings.STREAMS, OTHER_STREAMS],
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
      maxBodyBytes: settings.MAX_BODY_BYTES,
      maxInflightBytes: settings.MAX_INFLIGHT_BYTES,
      maxInflightOfCaller: Math.max(settings.MAX_INFLIGHT_BYTES / 2, settings.MAX_BODY_BYTES),
      maxDownloadBytes: settings.MAX_DOWNLOAD_BYTES,
      maxParts: MAX_PARTS,
      maxDeadlineMs: MAX_DEADLINE_MS,
    },
    access: access.verify,
    callLimits: {
      requestsPerMinute: settings.RATE_LIMIT_PER_MINUTE === 0 ? null : settings.RATE_LIMIT_PER_MINUTE,
      failuresPerMinute: settings.AUTH_FAILURES_PER_MINUTE,
      trustedProxies: settings.TRUSTED_PROXIES,
    },
    page,
  });
  return { app, traces, metrics, model, gate, hasKeys: access.verify !== null };
}
