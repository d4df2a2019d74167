import { useState } from 'preact/hooks';
import type { Api } from '../api/api.ts';
import { count } from '../format.ts';
import type { GateClosing } from '../../wire/model.ts';

export interface ClosedGateProps {
  readonly api: Api;
  readonly closing: GateClosing;
  readonly onReopened: () => void;
}

/** That the gate is closed, since when and why, and the way to open it again. */
export function ClosedGate({ api, closing, onReopened }: ClosedGateProps) {
  const [why, setWhy] = useState('');
  const [said, setSaid] = useState('');
  const { stream, since, errors, labels } = closing;

  const reopen = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      await api.reopenGate(stream, why.trim());
      onReopened();
    } catch (error) {
      setSaid((error as Error).message);
    }
  };

  const field = `why-reopen-${stream ?? ''}`;
  return (
    <form class="notice error closed-gate" onSubmit={(event) => void reopen(event)}>
      <p>
        <strong>{stream === null ? 'The gate is closed.' : `The gate is closed for ${stream}.`}</strong>{' '}
        {`Of ${count(labels)} audits ${count(errors)} were wrong, which proves that it breaks its promise. `}
        Since <time dateTime={since}>{new Date(since).toLocaleString()}</time> people get every image.
        Calibrate a new gate or, once the cause is mended, reopen this one.
      </p>
      <label for={field}>What was done about it</label>
      <input
        id={field}
        required
        maxLength={500}
        autocomplete="off"
        value={why}
        onInput={(event) => {
          setWhy(event.currentTarget.value);
        }}
      />
      <button disabled={why.trim() === ''}>Reopen the gate</button>
      <p role="status" class="hint">
        {said}
      </p>
    </form>
  );
}
