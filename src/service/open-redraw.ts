import { type PastAnswers, redrawAudits } from '../prediction/redraw-audits.ts';
import { unforeseeable } from '../prediction/unforeseeable.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';
import { alarmRateOf } from './open-kept-answers.ts';
import type { Settings } from './settings.ts';

interface RedrawContext {
  readonly settings: Pick<Settings, 'AUDIT_RATE' | 'ALARM_AUDIT_RATE'>;
  readonly store: Pick<Store, 'keeping'>;
  readonly log: Log;
}

/**
 * Times of predictions are blurred by two seconds; what came a little before the change does no harm among
 * what is audited.
 */
const BLUR_MS = 2_000;

/** Has past answers audited as answers are while an alarm stands, after whoever calls it has gone on. */
export function openRedraw({ settings, store, log }: RedrawContext): (past: PastAnswers) => void {
  const rate = alarmRateOf(settings);
  const deps = { keeping: store.keeping, now: Date.now, random: unforeseeable };
  return (past) => {
    if (rate === 0) return;
    redrawAudits(deps, { ...past, sinceMs: past.sinceMs - BLUR_MS }, rate).then(
      (audits) => {
        log.info(
          { stream: past.stream, audits },
          'more of the automatic labels since the change are audited',
        );
      },
      (error: unknown) => {
        log.warn({ err: error }, 'automatic labels since the change could not be drawn for audits');
      },
    );
  };
}
