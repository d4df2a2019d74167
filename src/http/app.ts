import express, { type Express } from 'express';
import packageJson from '../../package.json' with { type: 'json' };
import type { Hindsight } from '../prediction/hindsight.ts';
import type { Predictor } from '../prediction/predictor.ts';
import type { ReviewQueue } from '../review/queue.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { VerifyToken } from './access.ts';
import { createAddressGuard } from './address-guard.ts';
import { answerRoutes } from './answer-routes.ts';
import { dayRoutes } from './day-routes.ts';
import { auditTrailRoute } from './audit-trail-route.ts';
import { docsRoutes } from './docs-routes.ts';
import { labelRoutes } from './label-routes.ts';
import { leadRoutes } from './lead-routes.ts';
import { leaseRoutes } from './lease-routes.ts';
import type { Limits } from './limits.ts';
import { modelRoutes } from './model-routes.ts';
import type { ServedGate, ServedModel } from './model-schemas.ts';
import { openApiDocument } from './openapi.ts';
import type { Page } from './page-files.ts';
import { pageRoutes } from './page-routes.ts';
import { jsonReader } from './parse-request.ts';
import { predictionRoutes } from './prediction-routes.ts';
import { answerProblem, unknownRoute } from './problems.ts';
import { withContext } from './request-context.ts';
import { createRequestLimit } from './request-limit.ts';
import { requestLog } from './request-log.ts';
import { reviewImageRoutes } from './review-image-routes.ts';
import { reviewRoutes } from './review-routes.ts';
import { type Route, serveRoutes } from './route.ts';
import { sameHostOnly } from './same-host.ts';
import { securityHeaders } from './security-headers.ts';
import { type Readiness, serviceRoutes } from './service-routes.ts';
import { statisticsRoutes } from './statistics-routes.ts';
import { createUploadBudget } from './upload-budget.ts';

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
  readonly predictor: Predictor;
  readonly reviews: ReviewQueue;
  readonly model: ServedModel;
  /** The gate that decides now; asked at every request. */
  readonly gate: () => ServedGate;
  readonly hindsight: Hindsight;
  /** Whether reviewers see the machine's prediction now: the gate's `show_prediction`, false without a gate. */
  readonly showPrediction: () => boolean;
  /** Must answer at once: it is asked every few seconds. */
  readonly readiness: () => Readiness;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly limits: Limits;
  /** Whose a bearer token is; null where there are neither keys nor JWTs, so that only this machine may call. */
  readonly access: VerifyToken | null;
  readonly callLimits: CallLimits;
  /** The reviewers' page; null where it is not built. */
  readonly page: Page | null;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: () => number;
}

/** The service's HTTP side. It does not listen, and holds nothing that would have to be closed. */
export function createApp(deps: AppDeps): Express {
  const { predictor, reviews, model, gate, showPrediction, readiness, metrics, log, limits, page } = deps;
  const { access, callLimits } = deps;
  const now = deps.now ?? Date.now;
  const admit = createUploadBudget(limits);
  const readJson = jsonReader(admit);
  let document: string | null = null;
  const routes: readonly Route[] = [
    // Express tries them in this order, and these are asked most often.
    ...predictionRoutes(predictor, limits, admit),
    ...serviceRoutes(readiness, metrics),
    // Before the routes of one item, whose pattern takes this path too.
    ...statisticsRoutes(reviews, now),
    ...reviewRoutes({ reviews, readJson, model, showPrediction }),
    ...reviewImageRoutes(reviews, predictor),
    ...leaseRoutes({ reviews, readJson, model, metrics, now }),
    ...answerRoutes({ reviews, readJson, model, showPrediction }),
    ...leadRoutes(reviews, readJson),
    ...labelRoutes(reviews),
    auditTrailRoute(reviews),
    ...modelRoutes(model, gate, deps.hindsight),
    ...dayRoutes(deps.hindsight),
    ...pageRoutes(page),
    ...docsRoutes(() => (document ??= JSON.stringify(openApiDocument(routes, packageJson.version)))),
  ];

  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', [...callLimits.trustedProxies]);
  app.use(withContext(), requestLog(log, metrics), securityHeaders());
  if (access === null) app.use(sameHostOnly());
  serveRoutes(app, routes, {
    verify: access,
    guard: createAddressGuard(callLimits.failuresPerMinute, now),
    limitRequests: createRequestLimit(callLimits.requestsPerMinute, now),
  });
  app.use(unknownRoute(), answerProblem(log));
  return app;
}
