const NAME = 'sensigate.key';

/** The API key of this tab; null where none is kept. It ends with the tab. */
export function storedKey(): string | null {
  return sessionStorage.getItem(NAME);
}

export function storeKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
}
