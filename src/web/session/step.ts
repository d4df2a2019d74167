import { CLAIM_AGAIN_MS, failed, reached, refused } from './refusals.ts';
import {
  type Answer,
  type Draft,
  type Effect,
  type Event,
  type Held,
  NO_DRAFT,
  type Phase,
  type Session,
  told,
} from './state.ts';
import type { ClaimedItem } from '../../wire/review-items.ts';

export interface Step {
  readonly session: Session;
  readonly effects: readonly Effect[];
}

/** Items held at a time: one on screen and three ahead. */
export const WANTED = 4;
export const LEASE_SECONDS = 300;
/** Five chances before a lease ends. */
export const RENEW_EVERY_MS = 60_000;
/** Somebody who does nothing for so long is not there, and holds items that others could label. */
export const IDLE_AFTER_MS = 10 * 60_000;
const UNDO_DEPTH = 20;

/**
 * The labelling flow of one reviewer, as a pure state machine: `step` takes what happened and gives the next
 * state and what is to be done about it. It knows neither network, clock nor page.
 *
 * The reviewer always works on `held[0]`; the items behind it are claimed ahead, so that the next one is
 * there at once. An answer moves its item into the outbox and the next item moves up; nobody waits for the
 * network. The outbox is sent in order, one at a time, each with the lease that its claim gave. The protocol
 * lets a label be repeated, so an answer whose fate is unknown is simply sent again.
 *
 * While the service is away nothing is lost: answers stay in the outbox, and `tick` tries again, later each
 * time.
 */
export function step(before: Session, event: Event, nowMs: number): Step {
  const { session, effects } = react(before, event, nowMs);
  return pursue(session, effects, nowMs);
}

function react(s: Session, event: Event, nowMs: number): Step {
  switch (event.on) {
    case 'start':
      return only({ ...s, phase: 'working', activeAtMs: nowMs, claimAtMs: 0 });
    case 'leave':
      return letGo(s, 'elsewhere');
    case 'activity':
      return only(woken(s, nowMs));
    case 'choose':
      return only(drafted(woken(s, nowMs), { label: event.label }));
    case 'note':
      return only(drafted(woken(s, nowMs), { note: event.text }));
    case 'submit':
      return only(submitted(woken(s, nowMs), nowMs));
    case 'none_of_these':
    case 'unreadable':
    case 'discard':
    case 'skip':
      return only(answered(woken(s, nowMs), event.on));
    case 'undo':
      return only(undoAsked(woken(s, nowMs), nowMs));
    case 'close_notice':
      return only({ ...s, notice: null });
    case 'tick':
      return ticked(s, nowMs);
    case 'claimed':
      return claimed(reached(s, nowMs), event.items, event.limit, nowMs);
    case 'sent':
      return only(sent(reached(s, nowMs)));
    case 'renewed':
      return only(reached(s, nowMs));
    case 'undone':
      return only(undone(reached(s, nowMs), event.item, nowMs));
    case 'refused':
      return only(refused(reached(s, nowMs), event.effect, event, nowMs));
    case 'failed':
      return only(failed(s, event.effect, nowMs));
    case 'signed_out':
      return only({ ...s, phase: 'signed_out', underWay: { claim: false, send: false, undo: false } });
  }
}

/**
 * Adds what follows from the state alone: send what waits, take back what is to be, claim what is missing.
 */
function pursue(s: Session, effects: readonly Effect[], nowMs: number): Step {
  if (s.phase === 'signed_out' || s.retryAtMs !== null) return { session: s, effects };
  const added: Effect[] = [];
  let { underWay, undoWanted } = s;
  const [answer] = s.outbox;
  if (answer !== undefined && !underWay.send) {
    added.push({ do: 'send', answer });
    underWay = { ...underWay, send: true };
  }
  if (undoWanted !== null && !underWay.undo && s.outbox.every(({ item }) => item.id !== undoWanted)) {
    added.push({ do: 'undo', id: undoWanted });
    underWay = { ...underWay, undo: true };
    undoWanted = null;
  }
  const missing = WANTED - s.held.length;
  if (s.phase === 'working' && missing > 0 && !underWay.claim && nowMs >= s.claimAtMs) {
    added.push({ do: 'claim', limit: missing });
    underWay = { ...underWay, claim: true };
  }
  if (added.length === 0) return { session: s, effects };
  return { session: { ...s, underWay, undoWanted }, effects: [...effects, ...added] };
}

function drafted(s: Session, change: Partial<Draft>): Session {
  const [first, ...others] = s.held;
  if (first === undefined) return s;
  return { ...s, held: [{ ...first, draft: { ...first.draft, ...change } }, ...others] };
}

function submitted(s: Session, nowMs: number): Session {
  const [first] = s.held;
  if (first === undefined) return s;
  if (first.draft.label === null) return told(s, 'info', 'Choose a label first.', nowMs);
  return answered(s, 'label');
}

function answered(s: Session, kind: Answer['kind']): Session {
  const [first, ...others] = s.held;
  if (first === undefined) return s;
  const { item, draft } = first;
  const answer: Answer = { kind, item, label: kind === 'label' ? draft.label : null, note: draft.note };
  const notice = s.notice?.tone === 'info' ? null : s.notice;
  return { ...s, held: others, outbox: [...s.outbox, answer], notice };
}

/**
 * Takes the latest answer back, if it was no skip: at once where it is not sent yet, else by asking the
 * service.
 */
function undoAsked(s: Session, nowMs: number): Session {
  if (s.undoWanted !== null || s.underWay.undo) return s;
  const place = s.outbox.findLastIndex(({ kind }) => kind !== 'skip');
  const waiting = s.outbox[place];
  if (waiting !== undefined && !(place === 0 && s.underWay.send)) {
    const back: Held = { item: waiting.item, draft: draftOf(waiting), renewAtMs: nowMs };
    return told(
      { ...s, outbox: s.outbox.toSpliced(place, 1), held: [back, ...s.held] },
      'info',
      takenBack(waiting),
      nowMs,
    );
  }
  const latest = waiting ?? s.undoable.at(-1);
  if (latest === undefined) return told(s, 'info', 'There is nothing to take back.', nowMs);
  return { ...s, undoWanted: latest.item.id };
}

function undone(s: Session, item: ClaimedItem, nowMs: number): Session {
  const answer = s.undoable.findLast((done) => done.item.id === item.id);
  const draft = answer === undefined ? NO_DRAFT : draftOf(answer);
  const held = [
    { item, draft, renewAtMs: nowMs + RENEW_EVERY_MS },
    ...s.held.filter((other) => other.item.id !== item.id),
  ];
  const next = {
    ...s,
    held,
    undoable: s.undoable.filter((done) => done.item.id !== item.id),
    underWay: { ...s.underWay, undo: false },
  };
  return told(next, 'info', answer === undefined ? 'Taken back.' : takenBack(answer), nowMs);
}

function claimed(s: Session, items: readonly ClaimedItem[], limit: number, nowMs: number): Step {
  const claimAtMs = items.length < limit ? nowMs + CLAIM_AGAIN_MS : 0;
  const next = { ...s, claimAtMs, underWay: { ...s.underWay, claim: false } };
  // The reviewer left while the claim was under way.
  if (s.phase !== 'working')
    return { session: next, effects: items.map((item) => ({ do: 'release', item })) };
  // An item whose lease had ended can come again: the new lease is the one that counts.
  const fresh = new Map(items.map((item) => [item.id, item]));
  const renewed = <T extends { readonly item: ClaimedItem }>(entry: T): T => {
    const item = fresh.get(entry.item.id);
    fresh.delete(entry.item.id);
    return item === undefined ? entry : { ...entry, item };
  };
  const held = next.held.map(renewed);
  const outbox = next.outbox.map(renewed);
  const added = [...fresh.values()].map((item): Held => {
    return { item, draft: s.drafts[item.id] ?? NO_DRAFT, renewAtMs: nowMs + RENEW_EVERY_MS };
  });
  const drafts = Object.fromEntries(Object.entries(s.drafts).filter(([id]) => !fresh.has(id)));
  return only({ ...next, held: [...held, ...added], outbox, drafts });
}

function sent(s: Session): Session {
  const [answer, ...outbox] = s.outbox;
  if (answer === undefined) return s;
  const undoable = answer.kind === 'skip' ? s.undoable : [...s.undoable, answer].slice(-UNDO_DEPTH);
  return { ...s, outbox, undoable, claimAtMs: 0, underWay: { ...s.underWay, send: false } };
}

function ticked(s: Session, nowMs: number): Step {
  const untilMs = s.notice?.untilMs ?? null;
  const over = untilMs !== null && untilMs <= nowMs;
  const retryAtMs = s.retryAtMs !== null && s.retryAtMs <= nowMs ? null : s.retryAtMs;
  // Most ticks change nothing, and nothing is to be drawn again for them.
  const next = over || retryAtMs !== s.retryAtMs ? { ...s, notice: over ? null : s.notice, retryAtMs } : s;
  if (s.phase !== 'working') return only(next);
  if (nowMs - s.activeAtMs >= IDLE_AFTER_MS && s.held.length > 0) return letGo(next, 'idle');
  if (retryAtMs !== null) return only(next);
  const due = s.held.filter(({ renewAtMs }) => renewAtMs <= nowMs);
  if (due.length === 0) return only(next);
  const held = s.held.map((one) =>
    one.renewAtMs <= nowMs ? { ...one, renewAtMs: nowMs + RENEW_EVERY_MS } : one,
  );
  return { session: { ...next, held }, effects: due.map(({ item }) => ({ do: 'renew', item })) };
}

/** Gives back all that is held and remembers what was typed. */
function letGo(s: Session, phase: Phase): Step {
  const typed = s.held.filter(({ draft }) => draft.label !== null || draft.note !== '');
  const drafts = { ...s.drafts, ...Object.fromEntries(typed.map(({ item, draft }) => [item.id, draft])) };
  return {
    session: { ...s, phase, held: [], drafts },
    effects: s.held.map(({ item }) => ({ do: 'release', item })),
  };
}

function woken(s: Session, nowMs: number): Session {
  return { ...s, activeAtMs: nowMs, phase: s.phase === 'idle' ? 'working' : s.phase };
}

function takenBack(answer: Answer): string {
  switch (answer.kind) {
    case 'label':
      return `Taken back: “${answer.label ?? ''}”.`;
    case 'none_of_these':
      return 'Taken back: none of these.';
    case 'unreadable':
      return 'Taken back: unreadable.';
    default:
      return 'Taken back: unusable.';
  }
}

function draftOf({ label, note }: Answer): Draft {
  return { label, note };
}

function only(session: Session): Step {
  return { session, effects: [] };
}
