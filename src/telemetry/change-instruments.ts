import { Gauge, type Registry } from 'prom-client';
import { type OnSourceProblem, scrapedSource } from './scraped-source.ts';

/** How far the watch for change is with one group of streams. */
export interface WatchedChange {
  /** Empty over all. */
  readonly stream: string;
  readonly isAlarmed: boolean;
  readonly progress: number;
  readonly autocorrelation: number;
}

/** The watch for change, asked at every scrape; registered with `registry`. */
export function createChangeInstruments(registry: Registry, onProblem: OnSourceProblem, now: () => number) {
  const registers = [registry];
  const labelNames = ['stream'] as const;
  const source = scrapedSource<readonly WatchedChange[]>('change', onProblem, now);
  const gauge = (name: string, help: string, of: (one: WatchedChange) => number): void => {
    const made: Gauge<'stream'> = new Gauge({
      name,
      help: `${help} Over all images where the label stream is empty. Absent without a gate that tells of its calibration.`,
      labelNames,
      registers,
      collect: async () => {
        const found = await source.read();
        made.reset();
        for (const one of found ?? []) made.set({ stream: one.stream }, of(one));
      },
    });
  };
  gauge(
    'sensigate_change_alarm',
    "1 while an alarm stands that images are no longer like calibration's, else 0.",
    ({ isAlarmed }) => Number(isAlarmed),
  );
  gauge(
    'sensigate_change_evidence',
    'Of the evidence that an alarm needs, its logarithm, 0 to 1; of this replica.',
    ({ progress }) => progress,
  );
  gauge(
    'sensigate_change_autocorrelation',
    'Of neighbouring images, near 0 where they are independent and near 1 for frames of a film.',
    ({ autocorrelation }) => autocorrelation,
  );
  return { source };
}
