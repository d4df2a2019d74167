import express, { type Express } from 'express';
import packageJson from '../../../package.json' with { type: 'json' };
import type { Oversight } from '../../oversight/oversight.ts';
import { OTHER_STREAMS } from '../../store/stream-group.ts';
import type { CheckedPredictor, CheckedStore } from './checked-ports.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { VerifyToken } from '../../access/authenticate.ts';
import { createAddressGuard } from '../../access/address-guard.ts';
import { createDesks } from './blinding/desk.ts';
import { answerRoutes } from './routes/answers.ts';
import { dayRoutes } from './routes/days.ts';
import { alarmRoutes, type Watched } from './routes/alarms.ts';
import { auditTrailRoute } from './routes/audit-trail.ts';
import { docsRoutes } from './routes/docs.ts';
import { forgettingRoute } from './routes/forgetting.ts';
import { labelRoutes } from './routes/labels.ts';
import { leadRoutes } from './routes/lead.ts';
import { leaseRoutes } from './routes/leases.ts';
import type { Limits } from './body/limits.ts';
import { modelRoutes } from './routes/model.ts';
import type { Promised } from './routes/reopen.ts';
import { reasonSchema } from '../../wire/answers.ts';
import type { ServedGate, ServedModel } from '../../wire/model.ts';
import { openApiDocument } from './openapi.ts';
import type { Page } from './routes/page-files.ts';
import { pageRoutes } from './routes/page.ts';
import { jsonReader } from './body/json-body.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { answerProblem, unknownRoute } from './problems.ts';
import { createDownloads, STALL_MS, withDownloads } from './server/downloads.ts';
import { withContext } from './server/request-context.ts';
import { createRequestQuota } from '../../access/request-quota.ts';
import { requestLog } from './server/request-log.ts';
import { reviewImageRoutes } from './routes/review-images.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { type Route, serveRoutes } from './route.ts';
import { trustProxies } from './server/client-address.ts';
import { sameHostOnly, securityHeaders } from './server/browser-safety.ts';
import { type Readiness, serviceRoutes } from './routes/service.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { createUploadBudget } from './body/read-body.ts';

/** How much callers may ask, and how often they may be wrong about who they are. */
export interface CallLimits {
  /** Of each caller that has no number of its own; null for any number. */
  readonly requestsPerMinute: number | null;
  /** Different wrong credentials from one address. */
  readonly failuresPerMinute: number;
  /** Addresses, networks, or Express's names of some, whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}

export interface AppDeps {
  readonly predictor: CheckedPredictor;
  readonly store: CheckedStore;
  readonly model: ServedModel;
  /** The gate that decides now; asked at every request. */
  readonly gate: () => ServedGate;
  readonly oversight: Oversight;
  readonly watch: Watched;
  readonly promise: Promised;
  /** A person has given an answer. */
  readonly onAnswered: () => void;
  /**
   * Whether reviewers see the machine's prediction now: the gate's `show_prediction`, false without a gate.
   */
  readonly showPrediction: () => boolean;
  /** Must answer at once: it is asked every few seconds. */
  readonly readiness: () => Readiness;
  readonly metrics: Metrics;
  /** Groups of streams that metrics keep apart, and that of all others; that one alone where absent. */
  readonly streamGroups?: readonly string[];
  readonly log: Log;
  readonly limits: Limits;
  /**
   * Whose a bearer token is; null where there are neither keys nor JWTs, so that only this machine may call.
   */
  readonly access: VerifyToken | null;
  readonly callLimits: CallLimits;
  /** The reviewers' page; null where it is not built. */
  readonly page: Page | null;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: () => number;
}

/** The service's HTTP side. It does not listen, and holds nothing that would have to be closed. */
export function createApp(deps: AppDeps): Express {
  const { predictor, store, model, gate, showPrediction, readiness, metrics, log, limits, page } = deps;
  const { access, callLimits, onAnswered } = deps;
  const now = deps.now ?? Date.now;
  const { admit, held } = createUploadBudget(limits);
  metrics.watchInflight('upload', held);
  const downloads = createDownloads({
    mostBytes: limits.maxDownloadBytes,
    // One caller leaves room for others, and may always have the largest image.
    mostOfCaller: Math.max(limits.maxDownloadBytes / 4, limits.maxBodyBytes),
    stallMs: limits.stallMs ?? STALL_MS,
  });
  metrics.watchInflight('download', downloads.held);
  metrics.expectReasons(reasonSchema.options, deps.streamGroups ?? [OTHER_STREAMS]);
  metrics.expectRequests('POST', '/v1/predictions', [200, 202, 429, 500, 503]);
  const readJson = jsonReader(admit);
  const deskOf = createDesks({ store, predictor, model, showPrediction, metrics, onAnswered, now });
  let document: Uint8Array | null = null;
  const routes: readonly Route[] = [
    // Express tries them in this order, and these are asked most often.
    ...predictionRoutes(predictor, store, limits, admit),
    forgettingRoute(store),
    ...serviceRoutes(readiness, metrics),
    // Before the routes of one item, whose pattern takes this path too.
    ...statisticsRoutes(deskOf, now),
    ...reviewRoutes(deskOf, readJson),
    ...reviewImageRoutes(deskOf),
    ...leaseRoutes(deskOf, readJson, model),
    ...answerRoutes(deskOf, readJson),
    ...leadRoutes(store, readJson, model, onAnswered),
    ...labelRoutes(store, readJson),
    auditTrailRoute(store),
    ...modelRoutes(model, gate, deps.oversight, deps.promise, readJson),
    ...alarmRoutes(deps.watch, readJson),
    ...dayRoutes(deps.oversight),
    ...pageRoutes(page),
    ...docsRoutes(
      () => (document ??= Buffer.from(JSON.stringify(openApiDocument(routes, packageJson.version)))),
    ),
  ];

  const app = express();
  app.disable('x-powered-by');
  trustProxies(app, callLimits.trustedProxies);
  app.use(withContext(), requestLog(log, metrics), securityHeaders(), withDownloads(downloads));
  if (access === null) app.use(sameHostOnly());
  serveRoutes(app, routes, {
    verify: access,
    guard: createAddressGuard(callLimits.failuresPerMinute, now),
    // Without keys no caller has a number of its own.
    takeFromQuota:
      access === null && callLimits.requestsPerMinute === null
        ? null
        : createRequestQuota(callLimits.requestsPerMinute, now),
  });
  app.use(unknownRoute(), answerProblem(log));
  return app;
}
