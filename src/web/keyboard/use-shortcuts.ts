import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Action, type Keymap, keyName } from './keymap.ts';

/**
 * Does what a key is for, wherever the focus is, except in a dialog, while typing, and where a control wants
 * the key.
 */
export function useShortcuts(keymap: Keymap, perform: (action: Action, event: KeyboardEvent) => void): void {
  const latest = useRef({ keymap, perform });
  latest.current = { keymap, perform };
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const key = keyName(event);
      if (key === null || event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      if (isControl(event.target) && (key === 'Enter' || key === ' ')) return;
      const action = latest.current.keymap.actionOf.get(key);
      if (action === undefined) return;
      event.preventDefault();
      if (!event.repeat || mayRepeat(action)) latest.current.perform(action, event);
    };
    window.addEventListener('keydown', pressed);
    return () => {
      window.removeEventListener('keydown', pressed);
    };
  }, []);
}

/** A key that is held down must not answer item after item. */
function mayRepeat(action: Action): boolean {
  return action === 'previous' || action === 'next' || action === 'zoom_in' || action === 'zoom_out';
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox')
  );
}

/** Whether Enter and Space mean this element. Labels are left out: there Enter submits. */
function isControl(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('button, a, summary, input') &&
    !target.matches('[role=radio], .guess')
  );
}
