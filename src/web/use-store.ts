import { useLayoutEffect, useState } from 'preact/hooks';
import type { Store } from './store.ts';

/** The store's value; the component renders again whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  const [, again] = useState({});
  const value = store.get();
  useLayoutEffect(() => {
    // It may have changed between the render and now.
    if (!Object.is(store.get(), value)) again({});
    return store.subscribe(() => {
      again({});
    });
  }, [store]);
  return value;
}
