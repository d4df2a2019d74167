import { collectDefaultMetrics, Registry } from 'prom-client';
import { boundedLabel, methodLabel } from './bounded-label.ts';
import { createChangeInstruments, type WatchedChange } from './change-instruments.ts';
import { createGateInstruments, RELOAD_OUTCOMES } from './gate-instruments.ts';
import { createInstruments, KEPT_EVENTS, RELOADED_KEYS } from './instruments.ts';
import {
  CONNECTION_REFUSALS,
  createLoadInstruments,
  type DatabaseLoad,
  type HeldBytes,
  type KeptImages,
  type OpenConnections,
  type ProcessMemory,
} from './load-instruments.ts';
import { RollingWindow } from './rolling-window.ts';
import {
  createScrapedInstruments,
  type SelectiveRisk,
  type TestedPromise,
  type WaitingItems,
} from './scraped-instruments.ts';
import type { OnSourceProblem } from './scraped-source.ts';

export interface HttpObservation {
  readonly method: string;
  /** The route's pattern, never the path: paths hold ids. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface PredictionObservation {
  readonly decision: 'auto' | 'review';
  readonly reasons: readonly string[];
  /** The group of its stream, of which there are few. */
  readonly stream: string;
  /** Null where it could not be measured. */
  readonly sensitivity: number | null;
  readonly probes: number;
  /** Forward passes, those of the probes among them. */
  readonly passes: number;
  readonly queueSeconds: number;
  readonly computeSeconds: number;
}

export interface LabelObservation {
  readonly reasons: readonly string[];
  /** Null where the machine gave no label. */
  readonly agrees: boolean | null;
  /** From the item's creation to its label. */
  readonly leadSeconds: number;
  /** Who labelled; left out where it is not known. */
  readonly reviewer?: string;
}

export interface DescribedGate {
  readonly id: string;
  readonly signal: string;
  readonly threshold: number;
  /** Selective risk that calibration promises not to exceed; none promised where it is left out. */
  readonly promisedRisk?: number | null;
  /** Of calibration's sensitivities, as [share of inputs at most that, value]. */
  readonly sensitivityQuantiles?: readonly (readonly [number, number])[];
}

export interface DescribedModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/**
 * Enough that a distance of 0.05 between two distributions is no accident, few enough to tell of the last
 * hours.
 */
const WINDOW = 2000;

/** Time series of reviewers that Prometheus is asked to keep. */
const MOST_REVIEWERS = 100;

/** The same of callers, who are keys and subjects of JWTs. */
const MOST_CALLERS = 100;

/** prom-client's gauges that are named like counters, which `promtool check metrics` rightly minds. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Every metric of the service, on a registry of its own. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #instruments = createInstruments(this.#registry);
  readonly #gate = createGateInstruments(this.#registry);
  readonly #window = new RollingWindow(WINDOW);
  readonly #reviewer = boundedLabel(MOST_REVIEWERS);
  readonly #caller = boundedLabel(MOST_CALLERS);
  readonly #load: ReturnType<typeof createLoadInstruments>;
  readonly #scraped: ReturnType<typeof createScrapedInstruments>;
  readonly #change: ReturnType<typeof createChangeInstruments>;

  /**
   * @param now Wall clock, milliseconds since 1970.
   * @param onProblem Told which source did not answer a scrape, and why; a lasting problem every ten minutes.
   */
  constructor(now: () => number = Date.now, onProblem: OnSourceProblem = () => undefined) {
    const windowSize = () => this.#window.size;
    this.#load = createLoadInstruments(this.#registry, onProblem, now);
    this.#scraped = createScrapedInstruments(this.#registry, { now, windowSize, onProblem });
    this.#change = createChangeInstruments(this.#registry, onProblem, now);
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
    // From 0, or Prometheus would never see the first one happen.
    for (const outcome of RELOAD_OUTCOMES) this.#gate.reloads.inc({ outcome }, 0);
    for (const outcome of RELOADED_KEYS) this.#instruments.keysReloads.inc({ outcome }, 0);
    for (const event of KEPT_EVENTS) this.#instruments.kept.inc({ event }, 0);
    for (const reason of CONNECTION_REFUSALS) this.#load.refusedConnections.inc({ reason }, 0);
    this.#gate.promise.remove();
  }

  /**
   * Starts the counters by reason from 0, so that the first of each is seen: Prometheus takes a count that
   * appears with 1 for one that has always been 1, and a panel of what never happened has no data.
   */
  expectReasons(reasons: readonly string[], streams: readonly string[]): void {
    for (const stream of streams) {
      this.#instruments.predictions.inc({ decision: 'auto', reason: 'none', stream }, 0);
      for (const reason of reasons)
        this.#instruments.predictions.inc({ decision: 'review', reason, stream }, 0);
    }
    for (const reason of reasons) {
      for (const agrees of ['true', 'false', 'unknown']) this.#instruments.labels.inc({ reason, agrees }, 0);
    }
  }

  /** The same for requests to a route, by status. */
  expectRequests(method: string, route: string, statuses: readonly number[]): void {
    for (const status of statuses) this.#instruments.http.zero({ method, route, status });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  observeHttp({ method, route, status, seconds }: HttpObservation): void {
    this.#instruments.http.observe({ method: methodLabel(method), route, status }, seconds);
  }

  /** A request of a caller who is known; `isLimited` where it was beyond the caller's quota. */
  countCall(caller: string, isLimited: boolean): void {
    const name = this.#caller(caller);
    this.#load.calls.inc({ caller: name, limited: String(isLimited) });
    this.#load.calls.inc({ caller: name, limited: String(!isLimited) }, 0);
  }

  observePrediction(prediction: PredictionObservation): void {
    const { decision, reasons, stream, sensitivity, probes, passes, queueSeconds, computeSeconds } =
      prediction;
    for (const reason of reasons.length === 0 ? ['none'] : reasons)
      this.#instruments.predictions.inc({ decision, reason, stream });
    if (sensitivity !== null) {
      this.#instruments.sensitivity.observe(sensitivity);
      this.#window.add(sensitivity);
    }
    this.#instruments.probes.observe(probes);
    this.#instruments.passes.inc(passes);
    this.#instruments.engineQueue.observe(queueSeconds);
    this.#instruments.engineCompute.observe(computeSeconds);
  }

  countKept(event: (typeof KEPT_EVENTS)[number], count: number): void {
    this.#instruments.kept.inc({ event }, count);
  }

  /** One run of the network over `rows` inputs. */
  observeBatch(rows: number): void {
    this.#instruments.batchRows.observe(rows);
  }

  countEngineRestart(): void {
    this.#instruments.restarts.inc();
  }

  observeLabel({ reasons, agrees, leadSeconds, reviewer }: LabelObservation): void {
    for (const reason of reasons)
      this.#instruments.labels.inc({ reason, agrees: agrees === null ? 'unknown' : String(agrees) });
    this.#instruments.lead.observe(leadSeconds);
    if (reviewer !== undefined) this.#instruments.reviewerLabels.inc({ reviewer: this.#reviewer(reviewer) });
  }

  /** A gate file was replaced on disk. */
  countGateReload(outcome: (typeof RELOAD_OUTCOMES)[number]): void {
    this.#gate.reloads.inc({ outcome });
  }

  /** The file of API keys was changed on disk. */
  countKeysReload(outcome: (typeof RELOADED_KEYS)[number]): void {
    this.#instruments.keysReloads.inc({ outcome });
  }

  /** Whether the file of API keys, as it is now, does not hold. */
  setKeysRefused(isRefused: boolean): void {
    this.#instruments.keysRefused.set(isRefused ? 1 : 0);
  }

  /** Has `read` asked for the queue's figures at every scrape, and never otherwise. */
  watchQueue(read: () => Promise<WaitingItems>): void {
    this.#scraped.queue.watch(read);
  }

  /** Has `read` asked for how busy the database is, at every scrape. */
  watchDatabase(read: () => DatabaseLoad | Promise<DatabaseLoad>): void {
    this.#load.database.watch(read);
  }

  /** Has `read` asked for the images of automatic answers that are kept, at every scrape. */
  watchKept(read: () => Promise<KeptImages>): void {
    this.#load.kept.watch(read);
  }

  /** Has `read` asked for the memory of the processes that the service has started, at every scrape. */
  watchProcesses(read: () => Promise<readonly ProcessMemory[]>): void {
    this.#load.processes.watch(read);
  }

  /** A connection was refused, or closed to make room. */
  countRefusedConnection(reason: (typeof CONNECTION_REFUSALS)[number]): void {
    this.#load.refusedConnections.inc({ reason });
  }

  /** Has `read` asked for the connections of callers, at every scrape. */
  watchConnections(read: () => OpenConnections): void {
    this.#load.callers.read = read;
  }

  /** Has `read` asked for the bytes of bodies under way, at every scrape. */
  watchInflight(way: 'upload' | 'download', read: () => HeldBytes): void {
    this.#load.inflight.set(way, read);
  }

  /** Has `read` asked what the tests of the gate's promise tell, at every scrape. */
  watchPromise(read: () => Promise<readonly TestedPromise[]>): void {
    this.#scraped.promise.watch(read);
  }

  /** Has `read` asked for the audit's result at every scrape; null where nothing was audited yet. */
  watchSelectiveRisk(read: () => Promise<SelectiveRisk | null>): void {
    this.#scraped.risk.watch(read);
  }

  /** Asks `read` for how far the watch for change is at every scrape. */
  watchChange(read: () => Promise<readonly WatchedChange[]>): void {
    this.#change.source.watch(read);
  }

  /** Has `read` compare `recentSensitivities()` with calibration's at every scrape; null where it cannot. */
  watchDrift(read: () => number | null): void {
    this.#scraped.drift.watch(read);
  }

  /** The latest 2000 measured sensitivities, in no particular order. */
  recentSensitivities(): Float64Array {
    return this.#window.values();
  }

  describeBuild({ version, node }: { readonly version: string; readonly node: string }): void {
    this.#instruments.build.reset();
    this.#instruments.build.set({ version, node }, 1);
  }

  describeModel({ name, version, digest }: DescribedModel): void {
    this.#instruments.model.reset();
    this.#instruments.model.set({ name, version, digest }, 1);
  }

  describeGate(gate: DescribedGate | null): void {
    const { threshold, info, promise, reference } = this.#gate;
    for (const gauge of [threshold, info, reference]) gauge.reset();
    promise.remove();
    if (gate === null) return;
    threshold.set({ signal: gate.signal }, gate.threshold);
    info.set({ id: gate.id, signal: gate.signal }, 1);
    if (gate.promisedRisk !== undefined && gate.promisedRisk !== null) promise.set(gate.promisedRisk);
    for (const [share, value] of gate.sensitivityQuantiles ?? []) reference.set({ share }, value);
  }

  /** All metrics in the text format of Prometheus. */
  exposition(): Promise<string> {
    return this.#registry.metrics();
  }
}
