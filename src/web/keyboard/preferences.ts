import type { Overrides } from './keymap.ts';

const NAME = 'sensigate.preferences';

/** What a reviewer set up, on this machine. */
export interface Preferences {
  /** A label's key also submits it. */
  readonly submitAtOnce: boolean;
  /** By the model's name, as labels differ. */
  readonly keys: Readonly<Record<string, Overrides>>;
}

const DEFAULTS: Preferences = { submitAtOnce: false, keys: {} };

export function loadPreferences(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

export function storePreferences(preferences: Preferences): void {
  localStorage.setItem(NAME, JSON.stringify(preferences));
}
