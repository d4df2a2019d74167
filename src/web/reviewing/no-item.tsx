import { count } from '../format.ts';
import type { Session } from '../session/state.ts';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { useStore } from '../use-store.ts';

export interface NoItemProps {
  readonly session: Session;
  readonly statistics: StatisticsStore;
  readonly onUndo: () => void;
}

/** What is said where no item is on screen. */
export function NoItem({ session, statistics, onUndo }: NoItemProps) {
  const figures = useStore(statistics);
  // Leads alone are told: who holds what would tell which items several people are asked about.
  const elsewhere = figures?.everyone === undefined ? 0 : figures.items.claimed;
  return (
    <section class="message">
      {session.phase === 'idle' ? (
        <>
          <h1>You were away</h1>
          <p>The items went back, so that others can label them. Press any key to go on.</p>
        </>
      ) : session.failures > 0 ? (
        <>
          <h1>Waiting for the service</h1>
          <p>Work goes on by itself as soon as it answers.</p>
        </>
      ) : session.claimAtMs === 0 ? (
        <h1>Fetching images …</h1>
      ) : (
        <>
          <h1>Nothing waits</h1>
          <p>
            {elsewhere > 0 && `${count(elsewhere)} with other reviewers. `}
            New images appear here by themselves.
          </p>
        </>
      )}
      {session.undoable.length > 0 && (
        <button type="button" onClick={onUndo}>
          Take the last answer back
        </button>
      )}
    </section>
  );
}
