/**
 * Reviewers who claim, renew, label, skip, release and go to lunch, and who remember every token that they
 * were given. Whatever the clocks do, each answer is held against what tokens promise:
 *
 * - of the tokens of an item only the latest one acts: one that is older than another that was already given
 *   out is refused, and so is one that was put back or has labelled (but for the same label once more);
 * - an item is labelled once, by one token, as the database has it in the end;
 * - what is labelled is offered to nobody any more.
 */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answered, MOST_CONNECTIONS, sendRequest } from './client-log.ts';
import { between, pick } from './harness.ts';

const LABELS = ['Bag', 'Coat', 'Dress', 'Shirt'];
/** The shortest that may be asked for. */
export const LEASE_SECONDS = 5;

export interface Reviewer {
  readonly id: string;
  readonly key: string;
}

/** A token as its holder knows it. */
interface Held {
  readonly item: string;
  readonly token: string;
  readonly reviewer: Reviewer;
  /** Order in which claims were answered. */
  readonly given: number;
  /** Monotonic milliseconds before the claim, or the latest renewal, was sent. */
  sentMs: number;
  /** A release or a skip was sent, which may have been done before its answer is here. */
  mayBeBack: boolean;
  /** Label that was acknowledged, or that it was put back. */
  ended: { readonly label: string | null } | null;
}

export interface LeaseBook {
  /** Labels that were acknowledged, by item. */
  readonly labels: ReadonlyMap<string, { readonly label: string; readonly reviewer: string }>;
  /** What must not have happened, as sentences. */
  readonly wrong: readonly string[];
  /** Acts by what became of them. */
  readonly counts: ReadonlyMap<string, number>;
  /** Works until it is stopped; several may at once. */
  work(reviewer: Reviewer): Promise<void>;
  /** Claims and labels until nothing waits. */
  finish(reviewer: Reviewer): Promise<void>;
  stop(): void;
}

/**
 * @param urls Of the replicas; each request goes to one of them.
 * @param leasesKeepTime Whether leases run on a clock that does not jump: then no item is offered to another
 *   before its lease has ended.
 */
export function openLeaseBook(urls: readonly string[], leasesKeepTime: boolean): LeaseBook {
  // A connection for each request: one that is kept may be closed just as somebody comes back from lunch.
  const agent = new Agent({ keepAlive: false, maxSockets: MOST_CONNECTIONS });
  const tokens = new Map<string, Held[]>();
  const labels = new Map<string, { label: string; reviewer: string }>();
  const wrong: string[] = [];
  const counts = new Map<string, number>();
  let given = 0;
  let stopped = false;

  const send = (reviewer: Reviewer, method: string, path: string, body: unknown): Promise<Answered> =>
    sendRequest(agent, pick(urls) + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${reviewer.key}` },
      body: Buffer.from(JSON.stringify(body)),
    });

  const latest = (item: string): Held | undefined => tokens.get(item)?.at(-1);

  const claim = async (reviewer: Reviewer): Promise<Held[]> => {
    const sentMs = performance.now();
    const before = new Set(labels.keys());
    const { status, text } = await send(reviewer, 'POST', '/v1/reviews/claim', {
      limit: 1 + Math.floor(between(0, 4)),
      lease_seconds: LEASE_SECONDS,
    });
    if (status !== 200) {
      wrong.push(`a claim was answered ${status}: ${text}`);
      return [];
    }
    return (JSON.parse(text) as { id: string; lease: string }[]).map(({ id: item, lease: token }) => {
      const earlier = latest(item);
      if (before.has(item)) wrong.push(`${item} was labelled, and offered again`);
      if (earlier !== undefined && !earlier.mayBeBack && leasesKeepTime) {
        const held = performance.now() - earlier.sentMs;
        if (held < LEASE_SECONDS * 1000)
          wrong.push(`${item} was offered to another ${Math.round(held)} ms after it was leased`);
      }
      const held: Held = { item, token, reviewer, given: ++given, sentMs, mayBeBack: false, ended: null };
      tokens.set(item, [...(tokens.get(item) ?? []), held]);
      return held;
    });
  };

  /** Acts with a token, and holds what comes of it against what was known when it was sent. */
  const act = async (held: Held, what: 'label' | 'renew' | 'skip' | 'release'): Promise<boolean> => {
    const { item, token, reviewer } = held;
    const label = pick(LABELS);
    const newer = latest(item);
    const mustFail =
      newer !== held
        ? `token ${newer?.given} had been given out after it`
        : held.ended !== null && !(what === 'label' && held.ended.label === label)
          ? `it had ended, by ${held.ended.label ?? 'being put back'}`
          : null;
    if (what === 'skip' || what === 'release') held.mayBeBack = true;
    const sentMs = performance.now();
    const [method, body] =
      what === 'label'
        ? (['PUT', { label, lease: token }] as const)
        : ([
            'POST',
            { lease: token, ...(what === 'renew' ? { lease_seconds: LEASE_SECONDS } : {}) },
          ] as const);
    const { status, text } = await send(reviewer, method, `/v1/reviews/${item}/${what}`, body);
    const done = status === 200 || status === 204;
    const count = `${what} ${done ? 'done' : 'refused'}`;
    counts.set(count, (counts.get(count) ?? 0) + 1);
    if (!done) {
      if (status !== 409) wrong.push(`${what} of ${item} was answered ${status}: ${text}`);
      return false;
    }
    if (mustFail !== null)
      wrong.push(`${what} of ${item} by token ${held.given} was taken, though ${mustFail}`);
    if (what === 'renew') held.sentMs = sentMs;
    else if (what !== 'label') held.ended ??= { label: null };
    else {
      const first = labels.get(item);
      if (first !== undefined && (first.label !== label || first.reviewer !== reviewer.id))
        wrong.push(
          `${item} was labelled ${first.label} by ${first.reviewer}, then ${label} by ${reviewer.id}`,
        );
      held.ended = { label };
      labels.set(item, { label, reviewer: reviewer.id });
    }
    return true;
  };

  /** What a person does with an item, sooner or later than the lease lasts. */
  const handle = async (held: Held): Promise<void> => {
    await sleep(between(0, 150));
    const mood = between(0, 1);
    if (mood < 0.15) await act(held, 'skip');
    else if (mood < 0.25) await act(held, 'release');
    else {
      // Somebody at lunch; comes back with a token that may have been passed on.
      if (mood < 0.5) await sleep(between(0.4, 1.6) * LEASE_SECONDS * 1000);
      else if (mood < 0.7) await act(held, 'renew');
      await act(held, 'label');
    }
    // And tries what cannot be any more.
    if (between(0, 1) < 0.3) await act(held, pick(['label', 'renew', 'skip', 'release'] as const));
  };

  return {
    labels,
    wrong,
    counts,
    work: async (reviewer) => {
      const open = new Set<Promise<void>>();
      while (!stopped) {
        for (const held of await claim(reviewer)) {
          const handled = handle(held).finally(() => open.delete(handled));
          open.add(handled);
        }
        await sleep(between(20, 150));
      }
      await Promise.all(open);
    },
    finish: async (reviewer) => {
      for (let claimed = await claim(reviewer); claimed.length > 0; claimed = await claim(reviewer))
        for (const held of claimed) await act(held, 'label');
    },
    stop: () => {
      stopped = true;
    },
  };
}
