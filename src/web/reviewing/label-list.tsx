import type { Keymap } from '../keyboard/keymap.ts';
import { KeyCap } from '../keyboard/key-cap.tsx';

export interface LabelListProps {
  readonly labels: readonly string[];
  readonly chosen: string | null;
  readonly keymap: Keymap;
  readonly onChoose: (label: string) => void;
}

/** Every label with its key, for models whose labels all have one. */
export function LabelList({ labels, chosen, keymap, onChoose }: LabelListProps) {
  return (
    <div class="labels" role="radiogroup" aria-label="Label">
      {labels.map((label, i) => {
        const key = keymap.keyOf.get(`label:${i}`);
        const isChosen = label === chosen;
        return (
          <button
            key={label}
            type="button"
            role="radio"
            class="label"
            aria-checked={isChosen}
            aria-keyshortcuts={key}
            // One of them is in the order of Tab; arrows go on from there.
            tabIndex={isChosen || (chosen === null && i === 0) ? 0 : -1}
            onClick={() => {
              onChoose(label);
            }}
          >
            <KeyCap name={key} />
            <span>{label}</span>
          </button>
        );
      })}
    </div>
  );
}
