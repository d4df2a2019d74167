import { useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import type { StatisticsStore } from '../api/statistics-store.ts';
import { useStore } from '../use-store.ts';

export interface ReassignFormProps {
  readonly api: Api;
  readonly item: LeadItem;
  readonly statistics: StatisticsStore;
  readonly onDone: () => void;
}

/** Takes the item from whoever holds it, for somebody or for whoever comes. */
export function ReassignForm({ api, item, statistics, onDone }: ReassignFormProps) {
  const [to, setTo] = useState('');
  const [said, setSaid] = useState('');
  const known = useStore(statistics)?.reviewers ?? [];

  const reassign = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const name = to.trim();
    try {
      await api.reassign(item.id, name === '' ? null : name);
      setSaid(name === '' ? 'It waits for whoever comes.' : `It waits for ${name} first.`);
      onDone();
    } catch (error) {
      setSaid((error as Error).message);
    }
  };

  return (
    <form class="reassign" onSubmit={(event) => void reassign(event)}>
      <label for="assignee">Reassign to</label>
      <input
        id="assignee"
        list="reviewers"
        placeholder="whoever comes"
        autocomplete="off"
        value={to}
        onInput={(event) => {
          setTo(event.currentTarget.value);
        }}
      />
      <datalist id="reviewers">
        {known.map(({ reviewer }) => (
          <option key={reviewer} value={reviewer} />
        ))}
      </datalist>
      <button>Reassign</button>
      <p role="status" class="hint">
        {said}
      </p>
    </form>
  );
}
