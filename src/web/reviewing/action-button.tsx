import { KeyCap } from '../keyboard/key-cap.tsx';

export interface ActionButtonProps {
  readonly name: string;
  readonly keyName: string | undefined;
  /** For what can be on or off. */
  readonly pressed?: boolean;
  readonly onClick: (atMs: number) => void;
}

/** A command with its key. */
export function ActionButton({ name, keyName, pressed, onClick }: ActionButtonProps) {
  return (
    <button
      type="button"
      aria-keyshortcuts={keyName}
      aria-pressed={pressed}
      onClick={(event) => {
        onClick(event.timeStamp);
      }}
    >
      <span>{name}</span>
      <KeyCap name={keyName} />
    </button>
  );
}
