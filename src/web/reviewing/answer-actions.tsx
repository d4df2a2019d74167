import type { Finding } from '../../wire/review-states.ts';
import { findingWords, FINDINGS } from '../format.ts';
import { KeyCap } from '../keyboard/key-cap.tsx';
import type { Keymap } from '../keyboard/keymap.ts';
import { ActionButton } from './action-button.tsx';

export interface AnswerActionsProps {
  readonly chosen: string | null;
  readonly mapShown: boolean;
  readonly keymap: Keymap;
  readonly onAnswer: (kind: 'submit' | 'skip' | Finding | 'discard', atMs: number) => void;
  readonly onUndo: () => void;
  readonly onToggleMap: () => void;
  readonly onHelp: () => void;
}

/**
 * The buttons below the labels, each with its key: submit, what there is instead of a label, and the rest.
 */
export function AnswerActions(props: AnswerActionsProps) {
  const { chosen, mapShown, keymap, onAnswer, onUndo, onToggleMap, onHelp } = props;
  const { keyOf } = keymap;
  return (
    <div class="actions">
      <button
        type="button"
        class="primary submit"
        aria-keyshortcuts={keyOf.get('submit')}
        aria-disabled={chosen === null}
        onClick={(event) => {
          onAnswer('submit', event.timeStamp);
        }}
      >
        <span>{chosen === null ? 'Choose a label' : `Submit “${chosen}”`}</span>
        <KeyCap name={keyOf.get('submit')} />
      </button>
      {FINDINGS.map((finding) => (
        <ActionButton
          key={finding}
          name={findingWords(finding)}
          keyName={keyOf.get(finding)}
          onClick={(atMs) => {
            onAnswer(finding, atMs);
          }}
        />
      ))}
      <ActionButton
        name="Skip"
        keyName={keyOf.get('skip')}
        onClick={(atMs) => {
          onAnswer('skip', atMs);
        }}
      />
      <ActionButton
        name="Discard"
        keyName={keyOf.get('discard')}
        onClick={(atMs) => {
          onAnswer('discard', atMs);
        }}
      />
      <ActionButton name="Undo" keyName={keyOf.get('undo')} onClick={onUndo} />
      <ActionButton name="Map" pressed={mapShown} keyName={keyOf.get('map')} onClick={onToggleMap} />
      <ActionButton name="Help" keyName={keyOf.get('help')} onClick={onHelp} />
    </div>
  );
}
