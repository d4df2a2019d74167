import { collectDefaultMetrics, Registry } from 'prom-client';
import { createInstruments } from './instruments.ts';

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
}

export interface WaitingItems {
  readonly items: Readonly<Record<string, number>>;
  /** Milliseconds since 1970; null when none waits. */
  readonly oldestWaitingMs: number | null;
}

export interface DescribedGate {
  readonly id: string;
  readonly signal: string;
  readonly threshold: number;
}

export interface DescribedModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
}

/** How long a scrape waits for the queue. Prometheus gives up after ten seconds, and then has no metric at all. */
const QUEUE_PATIENCE_MS = 2000;

/** Every metric of the service, on a registry of its own. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #instruments = createInstruments(this.#registry);
  #readQueue: (() => Promise<WaitingItems>) | null = null;

  readonly #now: () => number;

  /** @param now Wall clock, milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    collectDefaultMetrics({ register: this.#registry });
    this.#forgetQueue();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  observeHttp({ method, route, status, seconds }: HttpObservation): void {
    this.#instruments.http.observe({ method, route, status }, seconds);
  }

  observePrediction(prediction: PredictionObservation): void {
    const { decision, reasons, sensitivity, probes, passes, queueSeconds, computeSeconds } = prediction;
    for (const reason of reasons.length === 0 ? ['none'] : reasons)
      this.#instruments.predictions.inc({ decision, reason });
    if (sensitivity !== null) this.#instruments.sensitivity.observe(sensitivity);
    this.#instruments.probes.observe(probes);
    this.#instruments.passes.inc(passes);
    this.#instruments.engineQueue.observe(queueSeconds);
    this.#instruments.engineCompute.observe(computeSeconds);
  }

  /** One run of the network over `rows` inputs. */
  observeBatch(rows: number): void {
    this.#instruments.batchRows.observe(rows);
  }

  countEngineRestart(): void {
    this.#instruments.restarts.inc();
  }

  observeLabel({ reasons, agrees, leadSeconds }: LabelObservation): void {
    for (const reason of reasons)
      this.#instruments.labels.inc({ reason, agrees: agrees === null ? 'unknown' : String(agrees) });
    this.#instruments.lead.observe(leadSeconds);
  }

  /** Has `read` asked for the queue's figures at every scrape, and never otherwise. */
  watchQueue(read: () => Promise<WaitingItems>): void {
    this.#readQueue = read;
  }

  describeModel({ name, version, digest }: DescribedModel): void {
    this.#instruments.model.reset();
    this.#instruments.model.set({ name, version, digest }, 1);
  }

  describeGate(gate: DescribedGate | null): void {
    this.#instruments.threshold.reset();
    this.#instruments.gate.reset();
    if (gate === null) return;
    this.#instruments.threshold.set({ signal: gate.signal }, gate.threshold);
    this.#instruments.gate.set({ id: gate.id, signal: gate.signal }, 1);
  }

  /** All metrics in the text format of Prometheus. */
  async exposition(): Promise<string> {
    await this.#refreshQueue();
    return this.#registry.metrics();
  }

  /** A queue that fails or hangs takes its own figures away and leaves the others: an alert on absence tells of it. */
  async #refreshQueue(): Promise<void> {
    if (this.#readQueue === null) return;
    const patience = Promise.withResolvers<null>();
    const timer = setTimeout(patience.resolve, QUEUE_PATIENCE_MS, null);
    const waiting = await Promise.race([this.#readQueue().catch(() => null), patience.promise]);
    clearTimeout(timer);
    this.#forgetQueue();
    if (waiting === null) return;
    for (const [state, count] of Object.entries(waiting.items)) this.#instruments.items.set({ state }, count);
    const { oldestWaitingMs } = waiting;
    this.#instruments.oldest.set(
      oldestWaitingMs === null ? 0 : Math.max(0, this.#now() - oldestWaitingMs) / 1000,
    );
  }

  #forgetQueue(): void {
    this.#instruments.items.reset();
    this.#instruments.oldest.remove();
  }
}
