import { useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import type { LeadItem } from '../../wire/review-items.ts';
import type { Finding } from '../../wire/review-states.ts';
import { FINDINGS, findingWords } from '../format.ts';

export interface SettleFormProps {
  readonly api: Api;
  readonly item: LeadItem;
  readonly labels: readonly string[];
  readonly onDone: () => void;
}

/**
 * Decides an item that people have answered and not decided: they differ, or one alone doubts the machine.
 */
export function SettleForm({ api, item, labels, onDone }: SettleFormProps) {
  const [answer, setAnswer] = useState('');
  const [said, setSaid] = useState('');

  const settle = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const [kind, value] = [answer.slice(0, 1), answer.slice(1)];
    if (value === '') {
      setSaid('Choose an answer first.');
      return;
    }
    try {
      await api.settle(item.id, kind === 'l' ? { label: value } : { finding: value as Finding });
      onDone();
    } catch (error) {
      setSaid((error as Error).message);
    }
  };

  return (
    <form class="reassign" onSubmit={(event) => void settle(event)}>
      <label for="settled">Settle as</label>
      <select
        id="settled"
        value={answer}
        onChange={(event) => {
          setAnswer(event.currentTarget.value);
        }}
      >
        <option value="">choose</option>
        {labels.map((label) => (
          <option key={label} value={`l${label}`}>
            {label}
          </option>
        ))}
        {FINDINGS.map((finding) => (
          <option key={finding} value={`f${finding}`}>
            {findingWords(finding)}
          </option>
        ))}
      </select>
      <button>Settle</button>
      <p role="status" class="hint">
        {said}
      </p>
    </form>
  );
}
