import { useEffect, useRef } from 'preact/hooks';

const TYPES = ['pointerdown', 'pointermove', 'keydown'] as const;
const AT_MOST_EVERY_MS = 1000;

/** Says that somebody is there, at most once a second. */
export function useActivity(onActivity: () => void): void {
  const latest = useRef(onActivity);
  latest.current = onActivity;
  useEffect(() => {
    let last = 0;
    const active = (): void => {
      const now = performance.now();
      if (now - last < AT_MOST_EVERY_MS) return;
      last = now;
      latest.current();
    };
    for (const type of TYPES) window.addEventListener(type, active);
    return () => {
      for (const type of TYPES) window.removeEventListener(type, active);
    };
  }, []);
}
