import type { Api } from '../api/api.ts';
import { Refusal } from '../api/api-error.ts';
import { LEASE_SECONDS, step } from './step.ts';
import { type Effect, type Event, newSession, type Session } from './state.ts';
import { restoreOutbox, storeOutbox } from './outbox-storage.ts';
import { createStore, type Store } from '../store.ts';

const TICK_MS = 500;

export interface Runner {
  readonly session: Store<Session>;
  readonly dispatch: (event: Event) => void;
  /** For a page that closes: gives back what is held, and sends what is not confirmed once more. */
  readonly close: () => void;
}

/** Does what the session wants done, and tells it what came of it. */
export function createRunner(api: Api): Runner {
  const session = createStore(newSession(Date.now(), restoreOutbox()));

  const dispatch = (event: Event): void => {
    const before = session.get();
    const { session: next, effects } = step(before, event, Date.now());
    if (next.outbox !== before.outbox) storeOutbox(next.outbox);
    session.set(next);
    for (const effect of effects) void carryOut(effect);
  };

  const carryOut = async (effect: Effect): Promise<void> => {
    let outcome: Event | null;
    try {
      outcome = await ask(api, effect);
    } catch (error) {
      outcome = outcomeOf(error, effect);
    }
    if (outcome !== null) dispatch(outcome);
  };

  setInterval(() => {
    dispatch({ on: 'tick' });
  }, TICK_MS);

  return {
    session,
    dispatch,
    close: () => {
      const { held, outbox } = session.get();
      // The protocol lets an answer be repeated, so one that is under way may be sent twice.
      const effects: Effect[] = [
        ...outbox.map((answer): Effect => ({ do: 'send', answer })),
        ...held.map(({ item }): Effect => ({ do: 'release', item })),
      ];
      for (const effect of effects) void ask(api, effect).catch(() => undefined);
    },
  };
}

/** @returns What happened; null where nobody waits for it. */
async function ask(api: Api, effect: Effect): Promise<Event | null> {
  switch (effect.do) {
    case 'claim': {
      const items = await api.claim(effect.limit, LEASE_SECONDS);
      return { on: 'claimed', items, limit: effect.limit };
    }
    case 'send': {
      const { kind, item, label, note } = effect.answer;
      if (kind === 'label') await api.label(item, label ?? '', note);
      else if (kind === 'discard') await api.discard(item, note);
      else if (kind === 'skip') await api.skip(item);
      else await api.find(item, kind, note);
      return { on: 'sent' };
    }
    case 'renew':
      await api.renew(effect.item, LEASE_SECONDS);
      return { on: 'renewed', id: effect.item.id };
    case 'release':
      await api.release(effect.item);
      return null;
    case 'undo':
      return { on: 'undone', item: await api.undo(effect.id, LEASE_SECONDS) };
  }
}

function outcomeOf(error: unknown, effect: Effect): Event {
  if (!(error instanceof Refusal)) return { on: 'failed', effect };
  if (error.status === 401) return { on: 'signed_out' };
  return { on: 'refused', effect, code: error.code, detail: error.message };
}
