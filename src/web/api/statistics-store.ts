import type { Api } from './api.ts';
import { midnight } from '../format.ts';
import type { ReviewStatistics } from '../../wire/statistics.ts';
import { createStore, type Store } from '../store.ts';

const EVERY_MS = 10_000;
/** Many answers in a row are one reason to ask. */
const SOON_MS = 400;

export interface StatisticsStore extends Store<ReviewStatistics | null> {
  /** Asks soon. */
  readonly refresh: () => void;
  /** Asks now and then. */
  readonly watch: () => () => void;
}

/** Depth of the queue and progress of the day, where the reader is. */
export function createStatistics(api: Api): StatisticsStore {
  const store = createStore<ReviewStatistics | null>(null);
  let waiting = false;
  const ask = async (): Promise<void> => {
    try {
      store.set(await api.statistics(midnight(new Date())));
    } catch {
      // The figures stay as they were; whatever is wrong, the work itself tells.
    }
  };
  return {
    ...store,
    refresh: () => {
      if (waiting) return;
      waiting = true;
      setTimeout(() => {
        waiting = false;
        void ask();
      }, SOON_MS);
    },
    watch: () => {
      void ask();
      const timer = setInterval(() => {
        if (!document.hidden) void ask();
      }, EVERY_MS);
      return () => {
        clearInterval(timer);
      };
    },
  };
}
