import { count, duration } from '../format.ts';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { useStore } from '../use-store.ts';

export interface TopBarProps {
  readonly statistics: StatisticsStore;
  readonly view: 'review' | 'lead';
  readonly lead: boolean;
  /** Null where nobody signed in. */
  readonly onSignOut: (() => void) | null;
}

/** Where one is, how far one got today, and what waits. */
export function TopBar({ statistics, view, lead, onSignOut }: TopBarProps) {
  const figures = useStore(statistics);
  return (
    <header class="top-bar">
      <a class="brand" href="#">
        <Mark /> Sensigate
      </a>
      {lead && (
        <nav aria-label="Views">
          <a href="#" aria-current={view === 'review' ? 'page' : undefined}>
            Label
          </a>
          <a href="#lead" aria-current={view === 'lead' ? 'page' : undefined}>
            Lead
          </a>
        </nav>
      )}
      {figures !== null && (
        <dl class="figures">
          <Figure name="Mine" today value={count(figures.mine.labelled + figures.mine.discarded)} />
          {figures.everyone !== undefined && (
            <Figure name="All" today value={count(figures.everyone.labelled + figures.everyone.discarded)} />
          )}
          <Figure name="Waiting" value={count(figures.items.pending + figures.items.claimed)} />
          {typeof figures.oldest_waiting_at === 'string' && (
            <Figure name="Oldest" value={duration(Date.now() - Date.parse(figures.oldest_waiting_at))} />
          )}
        </dl>
      )}
      {onSignOut === null ? (
        <p class="open-to-all roomy">No keys: audits are not blind</p>
      ) : (
        <button class="quiet" onClick={onSignOut}>
          Sign out
        </button>
      )}
    </header>
  );
}

interface FigureProps {
  readonly name: string;
  /** Said where there is room for it. */
  readonly today?: boolean;
  readonly value: string;
}

function Figure({ name, today, value }: FigureProps) {
  return (
    <div>
      <dt>
        {name}
        {today === true && <span class="roomy"> today</span>}
      </dt>
      <dd>{value}</dd>
    </div>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <rect width="32" height="32" rx="8" class="mark-back" />
      <path d="M5 21c4 0 5-9 8-9s3 9 6 9 3-5 8-5" class="mark-line" />
    </svg>
  );
}
