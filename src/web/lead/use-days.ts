import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import type { DayStatistics } from '../../wire/days.ts';

const EVERY_MS = 60_000;

/** The latest days, asked for now and then; null until they are known. */
export function useDays(api: Api, days: number, per: 'day' | 'week'): readonly DayStatistics[] | null {
  const [spans, setSpans] = useState<readonly DayStatistics[] | null>(null);
  useEffect(() => {
    let gone = false;
    const ask = (): void => {
      if (document.hidden) return;
      api.days(days, per).then(
        (found) => {
          if (!gone) setSpans(found.spans);
        },
        // What was known stays until the service answers again.
        () => undefined,
      );
    };
    ask();
    const timer = setInterval(ask, EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [days, per]);
  return spans;
}

/** `3 Nov`, of the day in UTC. */
export function dayName(instant: string): string {
  return new Date(instant).toLocaleDateString('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
