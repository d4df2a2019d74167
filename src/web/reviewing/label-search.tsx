import { useEffect, useState } from 'preact/hooks';
import { KeyCap } from '../keyboard/key-cap.tsx';
import type { Keymap } from '../keyboard/keymap.ts';
import { matching, MOST_SHOWN } from './label-order.ts';
import { count } from '../format.ts';

export interface LabelSearchProps {
  /** In the order in which they are suggested. */
  readonly labels: readonly string[];
  readonly chosen: string | null;
  readonly keymap: Keymap;
  readonly onChoose: (label: string) => void;
  /** What is shown, for keys that choose by place. */
  readonly onShown: (labels: readonly string[]) => void;
}

export const SEARCH_BOX = 'label-search';

/** Labels by typing, for models that have more of them than there are keys. */
export function LabelSearch({ labels, chosen, keymap, onChoose, onShown }: LabelSearchProps) {
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const found = matching(labels, typed);
  const shown = found.slice(0, MOST_SHOWN);
  const place = Math.min(active, shown.length - 1);
  onShown(shown);

  useEffect(() => {
    document.getElementById(optionId(place))?.scrollIntoView({ block: 'nearest' });
  }, [place, typed]);

  const choose = (label: string | undefined): void => {
    if (label === undefined) return;
    onChoose(label);
    setTyped('');
    setActive(0);
  };

  const pressed = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void => {
    if (event.key === 'ArrowDown') setActive(Math.min(place + 1, shown.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(place - 1, 0));
    else if (event.key === 'Escape') {
      setTyped('');
      event.currentTarget.blur();
    } else if (event.key === 'Enter') {
      choose(shown[place]);
      // The next Enter submits.
      event.currentTarget.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="search">
      <label class="field" for={SEARCH_BOX}>
        Label <KeyCap name={keymap.keyOf.get('search')} />
      </label>
      <input
        id={SEARCH_BOX}
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        placeholder={`Search ${count(labels.length)} labels`}
        aria-expanded="true"
        aria-controls="label-options"
        aria-autocomplete="list"
        aria-activedescendant={shown.length > 0 ? optionId(place) : undefined}
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={pressed}
      />
      {shown.length > 0 && (
        <ul id="label-options" class="options" role="listbox" aria-label="Labels" tabIndex={0}>
          {shown.map((label, i) => (
            <li
              key={label}
              id={optionId(i)}
              role="option"
              class={i === place ? 'label active' : 'label'}
              aria-selected={label === chosen}
              onClick={() => {
                choose(label);
              }}
            >
              <KeyCap name={keymap.keyOf.get(`suggestion:${i}`)} />
              <span>{label}</span>
            </li>
          ))}
        </ul>
      )}
      <p class="hint" role="status">
        {found.length === 0
          ? `No label matches “${typed}”.`
          : found.length > shown.length
            ? `${count(found.length - shown.length)} more: type to find them.`
            : ''}
      </p>
    </div>
  );
}

function optionId(place: number): string {
  return `label-option-${place}`;
}
