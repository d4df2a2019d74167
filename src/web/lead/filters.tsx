import { words } from '../format.ts';
import { REASONS, REVIEW_STATES } from '../api/states-and-reasons.ts';
import type { Reason } from '../../wire/answers.ts';
import type { ReviewState } from '../../wire/review-states.ts';

/** An empty text stands for all. */
export interface Filter {
  readonly state: ReviewState | '';
  readonly reason: Reason | '';
  readonly label: string;
  readonly stream: string;
  readonly order: 'newest' | 'most_sensitive';
}

export interface FiltersProps {
  readonly filter: Filter;
  readonly labels: readonly string[];
  readonly onChange: (filter: Filter) => void;
}

/** Which items are shown, and in which order. */
export function Filters({ filter, labels, onChange }: FiltersProps) {
  const choices = (names: readonly string[]) =>
    names.map((name) => (
      <option key={name} value={name}>
        {words(name)}
      </option>
    ));
  return (
    <form
      class="filters"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <label>
        State
        <select
          value={filter.state}
          onChange={(event) => {
            onChange({ ...filter, state: event.currentTarget.value as Filter['state'] });
          }}
        >
          <option value="">any</option>
          {choices(REVIEW_STATES)}
        </select>
      </label>
      <label>
        Reason
        <select
          value={filter.reason}
          onChange={(event) => {
            onChange({ ...filter, reason: event.currentTarget.value as Filter['reason'] });
          }}
        >
          <option value="">any</option>
          {choices(REASONS)}
        </select>
      </label>
      <label>
        Final label
        <input
          type="text"
          list="all-labels"
          placeholder="any"
          value={filter.label}
          onChange={(event) => {
            onChange({ ...filter, label: event.currentTarget.value.trim() });
          }}
        />
      </label>
      <datalist id="all-labels">
        {labels.map((label) => (
          <option key={label} value={label} />
        ))}
      </datalist>
      <label>
        Stream
        <input
          type="text"
          placeholder="any"
          maxLength={64}
          value={filter.stream}
          onChange={(event) => {
            onChange({ ...filter, stream: event.currentTarget.value });
          }}
        />
      </label>
      <label>
        Order
        <select
          value={filter.order}
          onChange={(event) => {
            onChange({ ...filter, order: event.currentTarget.value as Filter['order'] });
          }}
        >
          <option value="newest">newest</option>
          <option value="most_sensitive">most sensitive</option>
        </select>
      </label>
    </form>
  );
}
