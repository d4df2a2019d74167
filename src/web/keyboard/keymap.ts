/** What a key can do: a command, choose a label by its place, or one of the suggestions by its place. */
export type Action = Command | `label:${number}` | `suggestion:${number}`;

export type Command = (typeof COMMANDS)[number]['id'];

/** Keys as `KeyboardEvent.key` has them, letters in lower case. */
export const COMMANDS = [
  { id: 'submit', name: 'Submit the chosen label', key: 'Enter' },
  { id: 'undo', name: 'Take the last answer back', key: 'u' },
  { id: 'skip', name: 'Skip: see it again later', key: 's' },
  { id: 'none_of_these', name: 'None of these: no label fits', key: 'x' },
  { id: 'unreadable', name: 'Unreadable: nobody could tell what it shows', key: 'r' },
  { id: 'discard', name: 'Discard: leave the image out', key: 'd' },
  { id: 'map', name: 'Show or hide the sensitivity map', key: 'm' },
  { id: 'note', name: 'Write a note', key: 'n' },
  { id: 'search', name: 'Search labels', key: '/' },
  { id: 'zoom_in', name: 'Zoom in', key: '+' },
  { id: 'zoom_out', name: 'Zoom out', key: '-' },
  { id: 'previous', name: 'Previous label', key: 'ArrowUp' },
  { id: 'next', name: 'Next label', key: 'ArrowDown' },
  { id: 'help', name: 'Help', key: '?' },
] as const;

const DIGITS = Array.from('1234567890');
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
/** Labels up to this number have a key each; more are searched for. */
export const MOST_KEYED_LABELS = 26;

/** Keys that were set otherwise, by action. */
export type Overrides = Readonly<Record<string, string>>;

export interface Keymap {
  readonly actionOf: ReadonlyMap<string, Action>;
  readonly keyOf: ReadonlyMap<Action, string>;
}

/**
 * The keys for a model with so many labels. The first ten labels have the digits, further ones the letters
 * that no command has. Where there are more labels than letters, the digits choose among the suggestions.
 */
export function keymapFor(labelCount: number, overrides: Overrides): Keymap {
  const actionOf = new Map<string, Action>();
  const keyOf = new Map<Action, string>();
  const bind = (action: Action, key: string): void => {
    if (actionOf.has(key)) return;
    actionOf.set(key, action);
    keyOf.set(action, key);
  };
  const places: Action[] =
    labelCount <= MOST_KEYED_LABELS
      ? Array.from({ length: labelCount }, (_, i) => `label:${i}` as const)
      : DIGITS.map((_, i) => `suggestion:${i}` as const);
  const actions: Action[] = [...COMMANDS.map(({ id }) => id), ...places];
  // What was set by hand comes first, so that a default never takes its key.
  for (const action of actions) if (Object.hasOwn(overrides, action)) bind(action, overrides[action]!);
  for (const { id, key } of COMMANDS) if (!keyOf.has(id)) bind(id, key);
  places.forEach((action, i) => {
    const digit = DIGITS[i];
    if (!keyOf.has(action) && digit !== undefined) bind(action, digit);
  });
  for (const action of places) {
    const free = LETTERS.find((letter) => !actionOf.has(letter));
    if (!keyOf.has(action) && free !== undefined) bind(action, free);
  }
  return { actionOf, keyOf };
}

/** The action that has the key already; null where it is free for this one. */
export function conflictOf({ actionOf }: Keymap, action: Action, key: string): Action | null {
  const other = actionOf.get(key);
  return other === undefined || other === action ? null : other;
}

/** The key of an event as keymaps write it; null for what can be no shortcut. */
export function keyName(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (['Shift', 'Tab', 'Escape', 'Control', 'Alt', 'Meta', 'Dead', 'Unidentified'].includes(event.key))
    return null;
  // The same key, with or without shift.
  if (event.key === '=') return '+';
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  '-': '−',
  ' ': 'Space',
};

/** The key as a person reads it. */
export function shownKey(key: string): string {
  return SHOWN[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}
