import type { Session } from '../session/state.ts';
import { count } from '../format.ts';

export interface NoticesProps {
  readonly session: Session;
  readonly onClose: () => void;
}

/** What happened, said in words; it is read out as well. */
export function Notices({ session, onClose }: NoticesProps) {
  const { notice, failures, outbox } = session;
  return (
    <div class="notices">
      <div role="status">
        {failures > 0 && (
          <p class="notice warning">
            The service does not answer. Trying again.{' '}
            {outbox.length > 0 &&
              (outbox.length === 1
                ? 'One answer is kept and will be sent.'
                : `${count(outbox.length)} answers are kept and will be sent.`)}
          </p>
        )}
        {notice !== null && notice.tone !== 'error' && <p class={`notice ${notice.tone}`}>{notice.text}</p>}
      </div>
      <div role="alert">
        {notice?.tone === 'error' && (
          <p class="notice error">
            {notice.text}
            <button class="quiet" onClick={onClose}>
              Close
            </button>
          </p>
        )}
      </div>
    </div>
  );
}
