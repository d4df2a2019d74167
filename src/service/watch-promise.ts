import type { Gate } from '../gate/gate.ts';
import type { Model } from '../model/load.ts';
import type { PromiseEvidence } from '../oversight/promise-evidence.ts';
import { createPromiseWatch, type PromiseWatch } from '../oversight/promise-watch.ts';
import type { Store } from '../store/store.ts';
import { streamGroups } from '../store/stream-group.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Releases } from './releases.ts';
import type { Settings } from './settings.ts';
import { throttle } from './throttle.ts';

/** How soon after an answer its audit is tested, and how often at most. */
const TESTED_EVERY_MS = 200;

export interface WatchPromiseDeps {
  readonly settings: Pick<Settings, 'GATE_CHECK_MS' | 'STREAMS'>;
  readonly store: Store;
  readonly model: Model;
  readonly gate: () => Gate | null;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly releases: Releases;
}

export interface WatchedPromise extends PromiseWatch {
  /** A person has answered: whatever that proves is acted on soon. */
  readonly answered: () => void;
}

/**
 * Watches over the promise from now on: at every answer that this replica takes, and every GATE_CHECK_MS for
 * what others have proven or reopened. Resolves when it is known what is closed, before anything is decided.
 *
 * @throws StoreError where that cannot be read
 */
export async function watchPromise(deps: WatchPromiseDeps): Promise<WatchedPromise> {
  const { settings, store, model, gate, metrics, log, releases } = deps;
  const watch = createPromiseWatch({
    ...{ store, gate },
    modelDigest: model.digest,
    groupOf: settings.STREAMS.length === 0 ? () => null : streamGroups(settings.STREAMS),
    now: Date.now,
    onClosed: (gateId, stream, { labels, errors }: PromiseEvidence) => {
      log.error(
        { gate: gateId, stream, labels, errors },
        'audits prove that the gate breaks its promise: it is closed, and people get every image of the ' +
          'stream. Calibrate a new gate, or find the cause and reopen it (POST /v1/gate/reopen)',
      );
    },
  });
  await watch.check();
  for (const { gateId, stream, closedMs } of watch.closed())
    log.warn(
      { gate: gateId, stream, since: new Date(closedMs).toISOString() },
      'the gate is closed: audits have proven that it breaks its promise',
    );
  const check = (): void => {
    watch.check().catch((err: unknown) => {
      log.warn({ err }, 'whether the gate keeps its promise could not be checked; it is tried again');
    });
  };
  const timer = setInterval(check, settings.GATE_CHECK_MS).unref();
  releases.push(() => {
    clearInterval(timer);
  });
  metrics.watchPromise(async () => {
    // Closed is closed, whether or not the database answers just now.
    const evidence = (await watch.evidence().catch(() => null)) ?? new Map<string | null, PromiseEvidence>();
    const streams = new Set([...evidence.keys(), ...watch.closed().map(({ stream }) => stream)]);
    return [...streams].map((stream) => ({
      stream,
      evidence: evidence.get(stream)?.evidence ?? null,
      isClosed: watch.closed().some((closing) => closing.stream === stream),
    }));
  });
  return { ...watch, answered: throttle(TESTED_EVERY_MS, check) };
}
