import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../format.ts';

export interface SignInProps {
  /** Why a key is asked for again; null the first time. */
  readonly why: string | null;
  /** What is unfinished, and goes on after the sign-in. */
  readonly kept: number;
  readonly onKey: (key: string) => Promise<void>;
}

export function SignIn({ why, kept, onKey }: SignInProps) {
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), [why]);

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const key = input.current?.value.trim() ?? '';
    if (key === '' || busy) return;
    setBusy(true);
    await onKey(key);
    setBusy(false);
  };

  return (
    <main class="sign-in">
      <form onSubmit={(event) => void submit(event)}>
        <h1>Sensigate</h1>
        <p>Images on which the machine’s answer is not stable wait here for a person.</p>
        <label for="key">API key</label>
        <input id="key" ref={input} type="password" autocomplete="current-password" required />
        <button class="primary" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="hint">It is kept in this tab only. Whoever runs the service gives one out.</p>
        {why !== null && (
          <p class="problem" role="alert">
            {why}
          </p>
        )}
        {kept > 0 && <p role="status">Your work is kept: {count(kept)} open.</p>}
      </form>
    </main>
  );
}
