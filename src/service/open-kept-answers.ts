import { createAuditDraw } from '../prediction/audit-draw.ts';
import { blurredId } from '../prediction/blurred-id.ts';
import { createKeptAnswers, type KeptAnswers } from '../prediction/kept-answers.ts';
import { unforeseeable } from '../prediction/unforeseeable.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Releases } from './releases.ts';
import { timeMs } from './setting-types.ts';
import type { Settings } from './settings.ts';

interface KeptAnswersContext {
  readonly settings: Pick<
    Settings,
    'AUDIT_RATE' | 'ALARM_AUDIT_RATE' | 'KEEP_AUTOMATIC' | 'KEEP_AUTOMATIC_BYTES'
  >;
  /** Whether an alarm has more of a group of streams audited. */
  readonly isAlarmed: (group: string) => boolean;
  readonly store: Pick<Store, 'keeping'>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly releases: Releases;
}

/** With which automatic answers are audited while an alarm stands; 0 where none is audited at all. */
export function alarmRateOf({
  AUDIT_RATE: usual,
  ALARM_AUDIT_RATE: raised,
}: Pick<Settings, 'AUDIT_RATE' | 'ALARM_AUDIT_RATE'>): number {
  return usual === 0 ? 0 : Math.max(usual, raised);
}

/** Keeps images of automatic answers as the settings say, and draws audits from them. */
export function openKeptAnswers({
  settings,
  isAlarmed,
  store,
  metrics,
  log,
  releases,
}: KeptAnswersContext): KeptAnswers {
  const { AUDIT_RATE: rate, KEEP_AUTOMATIC: keep, KEEP_AUTOMATIC_BYTES: keepBytes } = settings;
  const alarmRate = alarmRateOf(settings);
  const keepMs = timeMs(keep) ?? 0;
  if (rate > 0 && (keepMs === 0 || keepBytes === 0)) {
    const none = keepMs === 0 ? 'KEEP_AUTOMATIC' : 'KEEP_AUTOMATIC_BYTES';
    log.warn(
      `${none}=0 keeps no images of automatic answers: no audits are drawn, and nothing tells whether the ` +
        'gate keeps its promise. Set it to a time and a size, or AUDIT_RATE=0 if that is what you want',
    );
  }
  const kept = createKeptAnswers({
    keeping: store.keeping,
    // Where nothing is drawn nothing is kept.
    keepMs: rate === 0 ? 0 : keepMs,
    keepBytes,
    rate: ({ stream }) => (isAlarmed(stream) ? alarmRate : rate),
    draw: createAuditDraw(unforeseeable),
    itemId: blurredId,
    now: Date.now,
    random: unforeseeable,
    observe: (event, count) => {
      metrics.countKept(event, count);
    },
    onProblem: (error) => {
      log.warn({ err: error }, 'images of automatic answers could not be kept, or audits not drawn');
    },
  });
  metrics.watchKept(() => store.keeping.totals());
  releases.push(() => kept.close());
  return kept;
}
