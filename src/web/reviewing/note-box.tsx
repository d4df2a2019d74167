import { KeyCap } from '../keyboard/key-cap.tsx';

const NOTE_BOX = 'note';

export interface NoteBoxProps {
  readonly note: string;
  readonly keyName: string | undefined;
  readonly onNote: (text: string) => void;
}

/** The note beside an answer, folded away while it is empty. */
export function NoteBox({ note, keyName, onNote }: NoteBoxProps) {
  return (
    <details class="note" open={note !== '' || undefined}>
      <summary>
        Note <KeyCap name={keyName} />
      </summary>
      <textarea
        id={NOTE_BOX}
        aria-label="Note"
        rows={2}
        maxLength={2000}
        value={note}
        onInput={(event) => {
          onNote(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </details>
  );
}

/** Unfolds it and puts the cursor there: what is folded away cannot have the focus. */
export function openNote(): void {
  const box = document.getElementById(NOTE_BOX);
  box?.closest('details')?.setAttribute('open', '');
  box?.focus();
}
