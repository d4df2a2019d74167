import { useEffect, useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import { moment, words } from '../format.ts';
import type { ItemHistory as History } from '../../wire/review-items.ts';

export interface ItemHistoryProps {
  readonly api: Api;
  readonly id: string;
  /** Another number: something happened, so it is read again. */
  readonly changes: number;
}

/** What happened to an item, oldest first. */
export function ItemHistory({ api, id, changes }: ItemHistoryProps) {
  const [events, setEvents] = useState<History['events'] | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    api.history(id).then(
      (read) => {
        setEvents(read.events);
        setProblem('');
      },
      (error: unknown) => {
        setProblem((error as Error).message);
      },
    );
  }, [id, changes]);
  return (
    <>
      <h3>History</h3>
      {problem !== '' && <p role="status">{problem}</p>}
      <ol class="history">
        {(events ?? []).map(({ at, act, who, detail }) => (
          <li key={`${at} ${act}`}>
            <time dateTime={at}>{moment(at)}</time>
            <span>
              {words(act)}
              {detail !== null && ` “${detail}”`}
              {who !== null && ` by ${who}`}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
