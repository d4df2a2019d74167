import { useLayoutEffect, useState } from 'preact/hooks';
import { Dialog } from '../frame/dialog.tsx';
import { type Action, COMMANDS, conflictOf, keyName, MOST_KEYED_LABELS, shownKey } from './keymap.ts';
import type { KeySettings } from './use-key-settings.ts';

export interface HelpDialogProps {
  readonly settings: KeySettings;
  readonly labels: readonly string[];
  readonly onClose: () => void;
}

interface Row {
  readonly action: Action;
  readonly name: string;
}

/** Every key and what it does; a click on one changes it. */
export function HelpDialog({ settings, labels, onClose }: HelpDialogProps) {
  const { keymap, bind } = settings;
  const [changing, setChanging] = useState<Row | null>(null);
  const [said, setSaid] = useState('');
  const keyed = labels.length <= MOST_KEYED_LABELS ? labels : [];
  const rows: readonly Row[] = [
    ...COMMANDS.map(({ id, name }) => ({ action: id, name })),
    ...keyed.map((label, i) => ({ action: `label:${i}` as const, name: `Label “${label}”` })),
  ];

  useLayoutEffect(() => {
    if (changing === null) return;
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === 'Tab') return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Escape') {
        setChanging(null);
        setSaid('Nothing was changed.');
        return;
      }
      const key = keyName(event);
      if (key === null) return;
      const other = conflictOf(keymap, changing.action, key);
      if (other !== null) {
        const name = rows.find(({ action }) => action === other)?.name ?? 'a suggested label';
        setSaid(`${shownKey(key)} is taken by: ${name}. Press another key, or Escape.`);
        return;
      }
      bind(changing.action, key);
      setChanging(null);
      setSaid(`${changing.name} is on ${shownKey(key)} now.`);
    };
    window.addEventListener('keydown', pressed, { capture: true });
    return () => {
      window.removeEventListener('keydown', pressed, { capture: true });
    };
  }, [changing, keymap]);

  return (
    <Dialog title="Keyboard" className="help" onClose={onClose}>
      <p>
        Choose a label by its key, then submit it. Click a key to change it; keys are kept on this machine,
        for this model.
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={settings.submitAtOnce}
          onChange={(event) => {
            settings.setSubmitAtOnce(event.currentTarget.checked);
          }}
        />
        A label’s key submits it at once
      </label>
      <p class="said" role="status">
        {changing === null ? said : said === '' ? `Press the new key for: ${changing.name}.` : said}
      </p>
      <ul class="keys">
        {rows.map((row) => {
          const key = keymap.keyOf.get(row.action);
          const shown = key === undefined ? 'none' : shownKey(key);
          return (
            <li key={row.action}>
              <span>{row.name}</span>
              <button
                type="button"
                class="key-button"
                aria-label={`${row.name}: ${shown}. Change`}
                onClick={() => {
                  setSaid('');
                  setChanging(row);
                }}
              >
                {changing?.action === row.action ? '…' : shown}
              </button>
            </li>
          );
        })}
      </ul>
      {labels.length > MOST_KEYED_LABELS && <p>The digits choose among the labels that are listed.</p>}
      <p>The wheel zooms as well; a zoomed image scrolls.</p>
      <button type="button" onClick={settings.resetKeys}>
        Reset all keys
      </button>
    </Dialog>
  );
}
