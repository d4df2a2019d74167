import { LEASE_SECONDS, step } from '../../../src/web/session/step.ts';
import { type Effect, type Event, newSession, type Session } from '../../../src/web/session/state.ts';
import type { ClaimedItem } from '../../../src/wire/review-items.ts';

/** A claimed item; its lease is named after it, and after how often it was claimed. */
export function item(id: string, claim = 1): ClaimedItem {
  return {
    id,
    href: `/v1/reviews/${id}`,
    state: 'claimed',
    created_at: '2026-01-01T12:00:00.000Z',
    model_name: 'a model',
    model_digest: 'sha256:1',
    model_served: true,
    image_href: `/v1/reviews/${id}/image`,
    sensitivity_map_href: `/v1/reviews/${id}/sensitivity.png`,
    reviewer: 'me',
    label: null,
    finding: null,
    labelled_at: null,
    decided_at: null,
    note: null,
    lease: `${id}-${claim}`,
    lease_expires_at: new Date(LEASE_SECONDS * 1000).toISOString(),
  };
}

/** A session with a clock that stands until a test moves it, and what it asked for. */
export class Reviewer {
  session: Session = newSession(0);
  nowMs = 0;
  asked: Effect[] = [];

  /** Lets something happen and gives what is asked for because of it. */
  on(event: Event): readonly Effect[] {
    const { session, effects } = step(this.session, event, this.nowMs);
    this.session = session;
    for (const one of effects) this.asked.push(one);
    return effects;
  }

  /** Time passes, in one tick. */
  wait(ms: number): readonly Effect[] {
    this.nowMs += ms;
    return this.on({ on: 'tick' });
  }

  /** Claims these items as the first. */
  start(...ids: string[]): this {
    this.on({ on: 'start' });
    this.on({ on: 'claimed', items: ids.map((id) => item(id)), limit: 4 });
    return this;
  }

  label(label: string): readonly Effect[] {
    this.on({ on: 'choose', label });
    return this.on({ on: 'submit' });
  }

  /** The last request that was asked for. */
  get last(): Effect {
    return this.asked.at(-1)!;
  }

  /** Ids of the items held, the one on screen first. */
  get held(): readonly string[] {
    return this.session.held.map((one) => one.item.id);
  }

  get waiting(): readonly string[] {
    return this.session.outbox.map(({ item: { id }, label }) => `${id}: ${label ?? 'none'}`);
  }
}
