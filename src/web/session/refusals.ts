import { type Answer, type Effect, type Session, told } from './state.ts';

/** What becomes of a session when the service refuses, or does not answer. */

/** Nothing waits, or nothing may be claimed: asked again after so long. */
export const CLAIM_AGAIN_MS = 2_000;

/**
 * Seconds before the next attempt: 1, 2, 4, 8, then 10, so that work goes on soon after the service is back.
 */
export function backoffMs(failures: number): number {
  return Math.min(10_000, 500 * 2 ** failures);
}

/** The service said no. */
export function refused(
  s: Session,
  effect: Effect,
  { code, detail }: { readonly code: string; readonly detail: string },
  nowMs: number,
): Session {
  switch (effect.do) {
    case 'release':
      return s;
    case 'claim': {
      const next = {
        ...s,
        claimAtMs: nowMs + CLAIM_AGAIN_MS,
        underWay: { ...s.underWay, claim: false },
      };
      return told(next, 'error', `No items could be claimed. ${detail}`, nowMs);
    }
    case 'undo': {
      const undoable = s.undoable.filter(({ item }) => item.id !== effect.id);
      const next = { ...s, undoable, underWay: { ...s.underWay, undo: false } };
      return told(next, 'warning', `It could not be taken back. ${detail}`, nowMs);
    }
    case 'renew': {
      const [first] = s.held;
      const next = { ...s, held: s.held.filter(({ item }) => item.lease !== effect.item.lease) };
      if (first?.item.lease !== effect.item.lease) return next;
      const { label } = first.draft;
      // Where all that is held is lost at once, what is said of the one that was looked at stays.
      if (label === null && s.notice?.tone === 'warning') return next;
      const choice = label === null ? '' : ` Your choice, “${label}”, was not sent.`;
      return told(
        next,
        'warning',
        `This item went to somebody else while it was open; here is the next one.${choice}`,
        nowMs,
      );
    }
    case 'send': {
      const { answer } = effect;
      const next = {
        ...s,
        outbox: s.outbox.slice(1),
        undoWanted: s.undoWanted === answer.item.id ? null : s.undoWanted,
        underWay: { ...s.underWay, send: false },
      };
      // A skip whose answer was lost ended the lease the first time.
      if (answer.kind === 'skip') return next;
      const why =
        code === 'lease_lost'
          ? 'Its lease had ended, and the item is with somebody else or answered already.'
          : detail;
      return told(next, 'error', `${said(answer)} was not recorded. ${why}`, nowMs);
    }
  }
}

/** The service did not answer, or could not. */
export function failed(s: Session, effect: Effect, nowMs: number): Session {
  const underWay =
    effect.do === 'claim' || effect.do === 'send' || effect.do === 'undo'
      ? { ...s.underWay, [effect.do]: false }
      : s.underWay;
  const undoWanted = effect.do === 'undo' ? effect.id : s.undoWanted;
  // The lease is to be renewed as soon as the service is back.
  const held =
    effect.do === 'renew'
      ? s.held.map((one) => (one.item.lease === effect.item.lease ? { ...one, renewAtMs: nowMs } : one))
      : s.held;
  const next = { ...s, underWay, undoWanted, held };
  // Several requests that fail together are one failure.
  if (s.retryAtMs !== null) return next;
  const failures = s.failures + 1;
  return { ...next, failures, retryAtMs: nowMs + backoffMs(failures) };
}

/** The service answered, whatever it said. */
export function reached(s: Session, nowMs: number): Session {
  if (s.failures === 0) return s;
  const next = { ...s, failures: 0, retryAtMs: null };
  return told(next, 'info', 'The service is back.', nowMs);
}

function said({ kind, label }: Answer): string {
  switch (kind) {
    case 'label':
      return `The label “${label ?? ''}”`;
    case 'none_of_these':
      return 'That no label fits';
    case 'unreadable':
      return 'That the image is unreadable';
    default:
      return 'That the image is unusable';
  }
}
