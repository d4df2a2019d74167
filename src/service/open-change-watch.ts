import { randomUUID } from 'node:crypto';
import type { Gate } from '../gate/gate.ts';
import type { Model } from '../model/load.ts';
import { type ChangeWatch, createChangeWatch } from '../oversight/change/change-watch.ts';
import type { Found, WatchedPlace } from '../oversight/change/gate-watch.ts';
import type { Store } from '../store/store.ts';
import type { StreamGroupOf } from '../store/stream-group.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Releases } from './releases.ts';
import { timeMs } from './setting-types.ts';
import type { Settings } from './settings.ts';

interface ChangeWatchContext {
  readonly settings: Pick<Settings, 'STREAMS' | 'ALARM_SPACING'>;
  readonly model: Model;
  readonly gate: () => Gate | null;
  readonly streamGroup: StreamGroupOf;
  readonly store: Pick<Store, 'alarms'>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly releases: Releases;
  readonly onRaised: (alarm: Found & { readonly stream: WatchedPlace; readonly gateId: string }) => void;
}

/** So often alarms are read that other replicas raised or a lead ended, and evidence is written down. */
const CHECK_MS = 5_000;

/** Watches whether images are like those of calibration, and goes on from where the last process stopped. */
export async function openChangeWatch(context: ChangeWatchContext): Promise<ChangeWatch> {
  const { settings, model, gate, streamGroup, store, metrics, log, releases } = context;
  const watch = createChangeWatch({
    alarms: store.alarms,
    modelDigest: model.digest,
    labels: model.manifest.labels,
    gate,
    groupOf: streamGroup,
    byGroup: settings.STREAMS.length > 0,
    spacingMs: timeMs(settings.ALARM_SPACING) ?? 0,
    holder: randomUUID(),
    now: Date.now,
    onRaised: (alarm) => {
      const { stream, sinceMs, finding } = alarm;
      log.warn(
        { stream, since: new Date(sinceMs).toISOString(), finding },
        'alarm: images are no longer like those that the gate was calibrated on',
      );
      context.onRaised(alarm);
      void check();
    },
  });
  const check = (): Promise<void> =>
    watch.check().catch((error: unknown) => {
      log.warn({ err: error }, 'alarms for change could not be read, or evidence not written down');
    });
  await check();
  const timer = setInterval(() => void check(), CHECK_MS).unref();
  metrics.watchChange(() =>
    Promise.resolve(
      watch.states().map(({ stream, progress, autocorrelation }) => ({
        stream: stream ?? '',
        isAlarmed: watch.isStandingAt(stream),
        ...{ progress, autocorrelation },
      })),
    ),
  );
  releases.push(async () => {
    clearInterval(timer);
    await watch.close().catch((error: unknown) => {
      log.warn({ err: error }, 'what was gathered towards an alarm could not be left to the next process');
    });
  });
  return watch;
}
