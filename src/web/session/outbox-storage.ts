import type { Answer } from './state.ts';

const NAME = 'sensigate.outbox';

/** Keeps unconfirmed answers over a reload of this tab; a closed tab takes them along, as its key. */
export function storeOutbox(outbox: readonly Answer[]): void {
  if (outbox.length === 0) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, JSON.stringify(outbox));
}

export function restoreOutbox(): readonly Answer[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(NAME) ?? '[]');
    return Array.isArray(stored) ? (stored as Answer[]) : [];
  } catch {
    return [];
  }
}
