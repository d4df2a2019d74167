import type { ClaimedItem } from '../../wire/review-items.ts';
import type { Finding } from '../../wire/review-states.ts';

/**
 * What the page knows of one reviewer's sitting; what happens to it and what it asks of the service is
 * below. How it changes is in step.ts.
 */
export interface Session {
  readonly phase: Phase;
  /** The one on screen first. */
  readonly held: readonly Held[];
  /** Answers that the service has not confirmed, oldest first. */
  readonly outbox: readonly Answer[];
  /** Confirmed answers that may be taken back, latest last; skips are none. */
  readonly undoable: readonly Answer[];
  /** The answer to take back as soon as it is confirmed. */
  readonly undoWanted: string | null;
  /** What is typed about items that went back unanswered, should they come again. */
  readonly drafts: Readonly<Record<string, Draft>>;
  readonly underWay: { readonly claim: boolean; readonly send: boolean; readonly undo: boolean };
  /** Failed attempts in a row; 0 while the service answers. */
  readonly failures: number;
  /** Until then nothing is sent. */
  readonly retryAtMs: number | null;
  /** Until then nothing is claimed, as nothing waited. */
  readonly claimAtMs: number;
  readonly activeAtMs: number;
  readonly notice: Notice | null;
}

/**
 * `idle`: nobody is there, so nothing is held. `signed_out`: the key is missing or not taken.
 * `elsewhere`: another view is open.
 */
export type Phase = 'working' | 'idle' | 'signed_out' | 'elsewhere';

export interface Draft {
  readonly label: string | null;
  readonly note: string;
}

export interface Held {
  readonly item: ClaimedItem;
  readonly draft: Draft;
  readonly renewAtMs: number;
}

export interface Answer {
  readonly kind: 'label' | Finding | 'discard' | 'skip';
  readonly item: ClaimedItem;
  /** Null unless `kind` is `label`. */
  readonly label: string | null;
  readonly note: string;
}

export interface Notice {
  readonly tone: 'info' | 'warning' | 'error';
  readonly text: string;
  /** When it goes by itself; null: when the reviewer closes it. */
  readonly untilMs: number | null;
}

/** What the page asked of the service. */
export type Effect =
  | { readonly do: 'claim'; readonly limit: number }
  | { readonly do: 'send'; readonly answer: Answer }
  | { readonly do: 'renew'; readonly item: ClaimedItem }
  | { readonly do: 'release'; readonly item: ClaimedItem }
  | { readonly do: 'undo'; readonly id: string };

export type Event =
  | { readonly on: 'start' }
  | { readonly on: 'leave' }
  | { readonly on: 'activity' }
  | { readonly on: 'choose'; readonly label: string | null }
  | { readonly on: 'note'; readonly text: string }
  | { readonly on: 'submit' }
  | { readonly on: Finding | 'discard' }
  | { readonly on: 'skip' }
  | { readonly on: 'undo' }
  | { readonly on: 'close_notice' }
  | { readonly on: 'tick' }
  | { readonly on: 'claimed'; readonly items: readonly ClaimedItem[]; readonly limit: number }
  | { readonly on: 'sent' }
  | { readonly on: 'renewed'; readonly id: string }
  | { readonly on: 'undone'; readonly item: ClaimedItem }
  /** The service said no. */
  | { readonly on: 'refused'; readonly effect: Effect; readonly code: string; readonly detail: string }
  /** The service did not answer, or could not. */
  | { readonly on: 'failed'; readonly effect: Effect }
  | { readonly on: 'signed_out' };

const INFO_MS = 5_000;
const WARNING_MS = 15_000;

export const NO_DRAFT: Draft = { label: null, note: '' };

/** @param outbox What an earlier page of this tab could not send. */
export function newSession(nowMs: number, outbox: readonly Answer[] = []): Session {
  return {
    phase: 'elsewhere',
    held: [],
    outbox,
    undoable: [],
    undoWanted: null,
    drafts: {},
    underWay: { claim: false, send: false, undo: false },
    failures: 0,
    retryAtMs: null,
    claimAtMs: 0,
    activeAtMs: nowMs,
    notice: null,
  };
}

/** With a notice, which goes by itself unless it is an error. */
export function told(s: Session, tone: Notice['tone'], text: string, nowMs: number): Session {
  const untilMs = tone === 'error' ? null : nowMs + (tone === 'info' ? INFO_MS : WARNING_MS);
  return { ...s, notice: { tone, text, untilMs } };
}
