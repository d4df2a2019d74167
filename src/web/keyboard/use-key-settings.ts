import { useMemo, useState } from 'preact/hooks';
import { type Action, type Keymap, keymapFor, type Overrides } from './keymap.ts';
import { loadPreferences, type Preferences, storePreferences } from './preferences.ts';

export interface KeySettings {
  readonly keymap: Keymap;
  readonly submitAtOnce: boolean;
  readonly setSubmitAtOnce: (on: boolean) => void;
  readonly bind: (action: Action, key: string) => void;
  readonly resetKeys: () => void;
}

/** The reviewer's keys for a model, kept on this machine. */
export function useKeySettings(modelName: string, labelCount: number): KeySettings {
  const [preferences, setPreferences] = useState(loadPreferences);
  const overrides = preferences.keys[modelName] ?? {};
  const keymap = useMemo(() => keymapFor(labelCount, overrides), [labelCount, overrides]);
  const change = (changed: Partial<Preferences>): void => {
    const next = { ...preferences, ...changed };
    setPreferences(next);
    storePreferences(next);
  };
  const setKeys = (keys: Overrides): void => {
    change({ keys: { ...preferences.keys, [modelName]: keys } });
  };
  return {
    keymap,
    submitAtOnce: preferences.submitAtOnce,
    setSubmitAtOnce: (submitAtOnce) => {
      change({ submitAtOnce });
    },
    bind: (action, key) => {
      setKeys({ ...overrides, [action]: key });
    },
    resetKeys: () => {
      setKeys({});
    },
  };
}
