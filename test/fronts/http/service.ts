import type { AddressInfo } from 'node:net';
import { after, type TestContext } from 'node:test';
import type { Express } from 'express';
import { monotonicFactory, ulid } from 'ulid';
import type { Engine } from '../../../src/engine/engine.ts';
import { type AppDeps, createApp } from '../../../src/fronts/http/app.ts';
import {
  createHttpServer,
  type HttpServer,
  type ServerOptions,
} from '../../../src/fronts/http/server/server.ts';
import type { Gate } from '../../../src/gate/gate.ts';
import { createDecode } from '../../../src/model/decode.ts';
import type { Model } from '../../../src/model/load.ts';
import { createChangeWatch } from '../../../src/oversight/change/change-watch.ts';
import { createOversight } from '../../../src/oversight/oversight.ts';
import { createPromiseWatch } from '../../../src/oversight/promise-watch.ts';
import { describeGate } from '../../../src/service/served-gate.ts';
import { blurredId } from '../../../src/prediction/blurred-id.ts';
import { createAuditDraw } from '../../../src/prediction/audit-draw.ts';
import { createKeptAnswers } from '../../../src/prediction/kept-answers.ts';
import { unforeseeable } from '../../../src/prediction/unforeseeable.ts';
import { createPredictor } from '../../../src/prediction/create-predictor.ts';
import { storedMeasurement } from '../../../src/prediction/stored-answer.ts';
import type { Overlaps } from '../../../src/store/opinions.ts';
import type { Store } from '../../../src/store/store.ts';
import { streamGroups } from '../../../src/store/stream-group.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { startEngine } from '../../engine/start-engine.ts';
import { gate as darkGate, MAX_PIXELS, model as darkOrLight } from './dark-or-light.ts';

/** Noon of 1 January 2026, when every test starts. */
export const NOON = Date.UTC(2026, 0, 1, 12);

const DAY_MS = 86_400_000;

/** What fetch sends. */
export type Body = NonNullable<RequestInit['body']>;

export interface Service {
  readonly app: Express;
  readonly http: HttpServer;
  readonly url: string;
  readonly port: number;
  /** The only clock of queue and app; it moves when a test moves it. */
  readonly clock: { ms: number };
  readonly store: Store;
  readonly engine: Engine;
  /** Resolves when images are kept and due audits are in the queue. */
  readonly settleAudits: () => Promise<void>;
  /** Writes down alarms that were found. */
  readonly checkAlarms: () => Promise<void>;
  /** What was logged, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  readonly get: (path: string, key?: string) => Promise<Response>;
  readonly post: (path: string, body: Body, type?: string, key?: string) => Promise<Response>;
  readonly postJson: (path: string, body: unknown, key?: string) => Promise<Response>;
  readonly putJson: (path: string, body: unknown, key?: string) => Promise<Response>;
}

/** What a test may have otherwise: anything of the app, and of what stands behind it these. */
export interface Changes extends Partial<AppDeps> {
  /** How many people must agree, by reason. */
  readonly overlaps?: Overlaps;
  /** Whether an image that waits already gets no second item; it gets one by default. */
  readonly joinSame?: boolean;
  /** Probability that an automatic label is audited; none by default. */
  readonly auditRate?: number;
  /** Streams that audits keep apart; none by default. */
  readonly streams?: readonly string[];
  /** What an alarm for change does; audits are drawn as ever. */
  readonly onShift?: 'audit' | 'review';
  /** Closed by whoever gives it. */
  readonly engine?: Engine;
  /** What slow and broken clients may cost. */
  readonly server?: Partial<ServerOptions>;
  /** Measurements that may be open at once. */
  readonly queueLimit?: number;
  /** Another network and whatever gate decides now; the engine must then be given too. */
  readonly served?: { readonly model: Model; readonly gate: () => Gate };
  /** Whether ids have blurred times, as in service; else they tell the clock’s. */
  readonly blursIds?: boolean;
  /** Makes the ids of predictions. */
  readonly newId?: () => string;
  /** Opens the store on that clock; SQLite in memory by default. */
  readonly openStore?: (now: () => number, overlaps: Overlaps) => Promise<Store>;
}

const inMemory = (now: () => number, overlaps: Overlaps): Promise<Store> =>
  openSqliteStore({ file: ':memory:', overlaps, now });

let shared: Engine | null = null;
after(() => shared?.close());

/**
 * The whole service but its command line, over a real socket and a real queue in memory, closed when the test
 * ends. The engine is one for all tests of a file.
 */
export async function startService(t: TestContext, changes: Changes = {}): Promise<Service> {
  const clock = { ms: NOON };
  const now = () => clock.ms;
  const {
    engine = (shared ??= startEngine(darkOrLight)),
    newId = () => (blursIds ? blurredId(clock.ms) : nextId(clock.ms)),
    blursIds = false,
    ...others
  } = changes;
  const { overlaps = {}, joinSame = false, queueLimit = 1000, server = {}, ...more } = others;
  const { auditRate = 0, streams = [], onShift = 'audit', ...rest } = more;
  const { openStore = inMemory, served = { model: darkOrLight, gate: () => darkGate }, ...overrides } = rest;
  const { model, gate } = served;
  const store = await openStore(now, overlaps);
  const nextId = monotonicFactory();
  const problems: unknown[] = [];
  const kept = createKeptAnswers({
    keeping: store.keeping,
    keepMs: DAY_MS,
    keepBytes: 2 ** 30,
    rate: () => auditRate,
    draw: createAuditDraw(unforeseeable),
    itemId: (ms) => (blursIds ? blurredId(ms) : ulid(ms)),
    now,
    random: unforeseeable,
    observe: () => undefined,
    // A test may take the store away before all is kept.
    onProblem: (error) => problems.push(error),
  });
  const watch = createChangeWatch({
    ...{ alarms: store.alarms, modelDigest: model.digest, labels: model.manifest.labels, gate, now },
    ...{ groupOf: streamGroups(streams), byGroup: streams.length > 0, spacingMs: 0, holder: 'test' },
    onRaised: () => undefined,
  });
  await watch.check();
  const promise = createPromiseWatch({
    ...{ store, gate, now, modelDigest: model.digest },
    groupOf: streams.length === 0 ? () => null : streamGroups(streams),
    onClosed: () => undefined,
  });
  await promise.check();
  const predictor = createPredictor({
    model,
    decode: createDecode(model.manifest, MAX_PIXELS),
    engine,
    gate,
    isClosed: promise.isClosed,
    store,
    joinSame,
    streamGroup: streamGroups(streams),
    kept,
    deadlineMs: 60_000,
    queueLimit,
    newId,
    now,
    onPrediction: () => undefined,
    onDecided: watch.observe,
    isMistrusted: (group) => onShift === 'review' && watch.standing(group) !== null,
  });
  const logged: Record<string, unknown>[] = [];
  const app = createApp({
    predictor,
    store,
    model: { ...model.manifest, digest: model.digest },
    gate: () => ({ gate: describeGate(gate()), reason: null, refused: null }),
    oversight: createOversight({ store, model, measuredOf: storedMeasurement, promise, gate, now }),
    promise,
    onAnswered: () => {
      promise.check().catch((problem: unknown) => problems.push(problem));
    },
    watch: { ...watch, onShift },
    showPrediction: () => gate().show_prediction,
    readiness: () => ({ ready: true, reason: 'the model is loaded' }),
    metrics: new Metrics(now),
    log: createLog('debug', { write: (line) => logged.push(JSON.parse(line) as Record<string, unknown>) }),
    limits: {
      maxBodyBytes: 100_000,
      maxParts: 64,
      maxInflightBytes: 256 * 1024 * 1024,
      maxDownloadBytes: 64 * 1024 * 1024,
      maxDeadlineMs: 60_000,
    },
    access: null,
    callLimits: { requestsPerMinute: null, failuresPerMinute: 1000, trustedProxies: [] },
    page: null,
    now,
    ...overrides,
  });
  const http = createHttpServer(app, {
    requestTimeoutMs: 60_000,
    maxConnections: 1000,
    keepAliveMs: 75_000,
    maxWorkMs: 60_000,
    maxPerAddress: 1000,
    isTrustedProxy: () => false,
    onRefused: () => undefined,
    ...server,
  });
  await http.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    http.server.closeAllConnections();
    await http.close();
    await kept.close();
    await store.close();
  });
  const { port } = http.server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  const send = (
    method: string,
    path: string,
    body?: Body,
    type?: string,
    key?: string,
  ): Promise<Response> => {
    const headers = new Headers();
    if (type !== undefined) headers.set('content-type', type);
    if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
    return fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  };
  const json = (method: string) => (path: string, body: unknown, key?: string) =>
    send(method, path, JSON.stringify(body), 'application/json', key);
  return {
    app,
    http,
    url,
    port,
    clock,
    store,
    engine,
    settleAudits: kept.settle,
    checkAlarms: watch.check,
    logged,
    get: (path, key) => send('GET', path, undefined, undefined, key),
    post: (path, body, type, key) => send('POST', path, body, type, key),
    postJson: json('POST'),
    putJson: json('PUT'),
  };
}

/** The body of a JSON answer, as a test wants to look at it. */
export async function bodyOf<T = Record<string, unknown>>(response: Response): Promise<T> {
  return (await response.json()) as T;
}
