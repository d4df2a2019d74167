import { Gauge, type Registry } from 'prom-client';
import { type OnSourceProblem, scrapedSource } from './scraped-source.ts';

export interface WaitingItems {
  readonly items: Readonly<Record<string, number>>;
  /** Milliseconds since 1970; null when none waits. */
  readonly oldestWaitingMs: number | null;
}

/** Error rate among automatic labels, as the audit has it. */
export interface SelectiveRisk {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/** What the tests of the gate's promise tell of one stream. */
export interface TestedPromise {
  /** Null: all together. */
  readonly stream: string | null;
  /** Of a break, as a share of what proves it; null where nothing is tested. */
  readonly evidence: number | null;
  readonly isClosed: boolean;
}

export interface ScrapedOptions {
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** How many sensitivities the drift is taken over. */
  readonly windowSize: () => number;
  readonly onProblem: OnSourceProblem;
}

/**
 * The sources that are asked at every scrape, and the gauges that come of them, registered with `registry`.
 *
 * A source that fails or hangs takes its own figures away and leaves the others: an alert on absence tells of
 * it.
 */
export function createScrapedInstruments(registry: Registry, { now, windowSize, onProblem }: ScrapedOptions) {
  const registers = [registry];
  const queue = scrapedSource<WaitingItems>('queue', onProblem, now);
  const risk = scrapedSource<SelectiveRisk | null>('audit', onProblem, now);
  const promise = scrapedSource<readonly TestedPromise[]>('promise', onProblem, now);
  const drift = scrapedSource<number | null>('drift', onProblem, now);

  const items: Gauge<'state'> = new Gauge({
    name: 'sensigate_review_items',
    help: 'Review items by state. Absent while the queue does not answer.',
    labelNames: ['state'],
    registers,
    collect: async () => {
      const waiting = await queue.read();
      items.reset();
      for (const [state, count] of Object.entries(waiting?.items ?? {})) items.set({ state }, count);
    },
  });
  const oldest: Gauge = new Gauge({
    name: 'sensigate_review_oldest_seconds',
    help:
      'Age of the oldest item that is not labelled; 0 when there is none. Absent while the queue ' +
      'does not answer.',
    registers,
    collect: async () => {
      const waiting = await queue.read();
      setOrRemove(oldest, waiting && secondsSince(waiting.oldestWaitingMs ?? now(), now()));
    },
  });
  const selectiveRisk: Gauge<'bound'> = new Gauge({
    name: 'sensigate_selective_risk',
    help:
      'Error rate among automatic labels by the audit: its estimate, and the lower and upper end ' +
      'of its exact interval. Absent without audited labels.',
    labelNames: ['bound'],
    registers,
    collect: async () => {
      const found = await risk.read();
      selectiveRisk.reset();
      if (found === null) return;
      for (const bound of ['estimate', 'lower', 'upper'] as const) selectiveRisk.set({ bound }, found[bound]);
    },
  });
  const evidence: Gauge<'stream'> = new Gauge({
    name: 'sensigate_promise_evidence',
    help:
      'Evidence of the audits that the gate no longer keeps its promise, as a share of what proves it: ' +
      '1 closes the gate. By stream; `all` is all together. Absent where nothing is promised.',
    labelNames: ['stream'],
    registers,
    collect: async () => {
      const tested = await promise.read();
      evidence.reset();
      for (const { stream, evidence: share } of tested ?? [])
        if (share !== null) evidence.set({ stream: stream ?? ALL_STREAMS }, share);
    },
  });
  const closed: Gauge<'stream'> = new Gauge({
    name: 'sensigate_gate_closed',
    help:
      'Whether audits have closed the gate, so that people get every image of the stream; `all` is every ' +
      'stream. Absent where nothing is promised.',
    labelNames: ['stream'],
    registers,
    collect: async () => {
      const tested = await promise.read();
      closed.reset();
      for (const { stream, isClosed } of tested ?? [])
        closed.set({ stream: stream ?? ALL_STREAMS }, isClosed ? 1 : 0);
    },
  });
  const sensitivityDrift: Gauge = new Gauge({
    name: 'sensigate_sensitivity_drift',
    help:
      "Kolmogorov-Smirnov distance, 0 to 1, of the latest sensitivities from calibration's. Absent " +
      'while too few were measured, and without a reference.',
    registers,
    collect: async () => {
      setOrRemove(sensitivityDrift, await drift.read());
    },
  });
  const window: Gauge = new Gauge({
    name: 'sensigate_sensitivity_drift_window',
    help: 'How many of the latest sensitivities the drift is taken over.',
    registers,
    collect: () => {
      window.set(windowSize());
    },
  });
  return { queue, risk, promise, drift };
}

/** As a label's value. */
const ALL_STREAMS = 'all';

/** A gauge without labels would be 0 where it has no value. */
function setOrRemove(gauge: Gauge, value: number | null): void {
  if (value === null) gauge.remove();
  else gauge.set(value);
}

function secondsSince(thenMs: number, nowMs: number): number {
  return Math.max(0, nowMs - thenMs) / 1000;
}
