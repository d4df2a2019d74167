import { useEffect, useState } from 'preact/hooks';
import type { PictureStore, Picture } from './picture-store.ts';

/** The pictures at these paths, loading what is missing; the component renders again when one arrives. */
export function usePictures(store: PictureStore, paths: readonly string[]): readonly Picture[] {
  const [, again] = useState({});
  useEffect(
    () =>
      store.subscribe(() => {
        again({});
      }),
    [store],
  );
  return paths.map((path) => store.get(path));
}
