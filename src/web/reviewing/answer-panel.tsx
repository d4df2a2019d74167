import { useEffect, useRef } from 'preact/hooks';
import type { ServedModel } from '../../wire/model.ts';
import { type Keymap, MOST_KEYED_LABELS } from '../keyboard/keymap.ts';
import type { Held } from '../session/state.ts';
import { AnswerActions, type AnswerActionsProps } from './answer-actions.tsx';
import { LabelList } from './label-list.tsx';
import { suggested } from './label-order.ts';
import { LabelSearch } from './label-search.tsx';
import { NoteBox } from './note-box.tsx';
import { Predictions } from './predictions.tsx';

export interface AnswerPanelProps extends Omit<AnswerActionsProps, 'chosen'> {
  readonly held: Held;
  readonly model: ServedModel;
  /** The labels submitted lately, latest first. */
  readonly recent: readonly string[];
  readonly keymap: Keymap;
  readonly onChoose: (label: string, atMs: number) => void;
  readonly onNote: (text: string) => void;
  /** Given the labels that a search shows, for keys that choose by place. */
  readonly onShown: (labels: readonly string[]) => void;
}

/** Where the reviewer answers: the machine's guess, the labels, the note and the buttons. */
export function AnswerPanel(props: AnswerPanelProps) {
  const { held, model, recent, keymap, onChoose, onNote, onShown, ...actions } = props;
  const panel = useRef<HTMLElement>(null);
  const { prediction } = held.item;
  const chosen = held.draft.label;
  const predicted = prediction ? [prediction.label] : [];
  const choose = (label: string): void => {
    onChoose(label, performance.now());
  };

  useEffect(() => {
    // Whoever moves through the labels by arrows has the focus follow the choice.
    if (document.activeElement?.matches('[role=radio]') === true)
      panel.current?.querySelector<HTMLElement>('[role=radio][aria-checked=true]')?.focus();
  }, [chosen]);

  return (
    <aside class="answer-panel" ref={panel} aria-label="Answer">
      <Predictions prediction={prediction} chosen={chosen} onChoose={choose} />
      {model.labels.length <= MOST_KEYED_LABELS ? (
        <LabelList labels={model.labels} chosen={chosen} keymap={keymap} onChoose={choose} />
      ) : (
        <LabelSearch
          labels={suggested(model.labels, predicted, recent)}
          chosen={chosen}
          keymap={keymap}
          onChoose={choose}
          onShown={onShown}
        />
      )}
      <NoteBox note={held.draft.note} keyName={keymap.keyOf.get('note')} onNote={onNote} />
      <AnswerActions chosen={chosen} keymap={keymap} {...actions} />
    </aside>
  );
}
