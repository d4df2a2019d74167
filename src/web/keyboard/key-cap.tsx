import { shownKey } from './keymap.ts';

/** A key's cap, for the eye: what it is for stands beside it. */
export function KeyCap({ name }: { readonly name: string | undefined }) {
  return name === undefined ? null : <kbd aria-hidden="true">{shownKey(name)}</kbd>;
}
