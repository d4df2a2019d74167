import { Refusal, ServiceAway } from './api-error.ts';
import type { Reason } from '../../wire/answers.ts';
import type { AlarmsAnswer } from '../../wire/alarms.ts';
import type { DaysStatistics } from '../../wire/days.ts';
import type { GateAnswer, ServedModel } from '../../wire/model.ts';
import type { ClaimedItem, ItemHistory, LeadItem } from '../../wire/review-items.ts';
import type { Finding, ReviewState } from '../../wire/review-states.ts';
import type { ReviewStatistics } from '../../wire/statistics.ts';

/** Longer than any answer takes; a connection that died in silence is noticed after it. */
const TIMEOUT_MS = 15_000;

export interface ListQuery {
  readonly state?: ReviewState;
  readonly reason?: Reason;
  readonly stream?: string;
  readonly label?: string;
  readonly order: 'newest' | 'most_sensitive';
  readonly cursor?: string;
  readonly limit: number;
}

/** A page of the list, as those see it who lead reviewers. */
export interface LeadPage {
  readonly items: readonly LeadItem[];
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

interface Call {
  readonly method?: 'POST' | 'PUT';
  readonly body?: unknown;
  /** The page may be gone before the answer. */
  readonly keepalive?: boolean;
}

export type Api = ReturnType<typeof createApi>;

/**
 * The service as this page calls it.
 *
 * Every method throws `Refusal` where the service says no, and `ServiceAway` where it cannot be asked.
 *
 * @param key The API key to send; null where there is none.
 */
export function createApi(key: () => string | null) {
  const call = async (path: string, { method, body, keepalive }: Call = {}): Promise<Response> => {
    const headers = new Headers();
    const sent = key();
    if (sent !== null) headers.set('authorization', `Bearer ${sent}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    let response: Response;
    try {
      response = await fetch(path, {
        headers,
        method: method ?? 'GET',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        keepalive: keepalive ?? false,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ServiceAway('The service does not answer.');
    }
    if (response.ok) return response;
    throw await problemOf(response);
  };
  const read = async <T>(path: string, init?: Call): Promise<T> => {
    const response = await call(path, init);
    try {
      return (await response.json()) as T;
    } catch {
      throw new ServiceAway('The answer broke off.');
    }
  };
  const item = (id: string, rest: string): string => `/v1/reviews/${id}${rest}`;
  const post = (body: unknown): Call => ({ method: 'POST', body });

  return {
    model: () => read<ServedModel>('/v1/model'),
    gate: () => read<GateAnswer>('/v1/gate'),
    alarms: () => read<AlarmsAnswer>('/v1/alarms'),
    endAlarm: (stream: string | null, why: string) => call('/v1/alarms/end', post({ stream, why })),
    /** @param stream Null where it is closed for every one. */
    reopenGate: (stream: string | null, why: string) => call('/v1/gate/reopen', post({ stream, why })),
    statistics: (since: Date) =>
      read<ReviewStatistics>(`/v1/reviews/statistics?since=${encodeURIComponent(since.toISOString())}`),
    /** The latest days in UTC, oldest first. */
    days: (days: number, per: 'day' | 'week') =>
      read<DaysStatistics>(`/v1/statistics/days?days=${days}&per=${per}`),
    /** The bytes of an image or of a map. */
    async blob(path: string): Promise<Blob> {
      const response = await call(path);
      try {
        return await response.blob();
      } catch {
        throw new ServiceAway('The image broke off.');
      }
    },

    claim: (limit: number, leaseSeconds: number) =>
      read<ClaimedItem[]>('/v1/reviews/claim', post({ limit, lease_seconds: leaseSeconds })),
    // What ends a lease is asked even while the page closes.
    label: ({ id, lease }: ClaimedItem, label: string, note: string) =>
      call(item(id, '/label'), { method: 'PUT', body: { label, lease, ...noteOf(note) }, keepalive: true }),
    find: ({ id, lease }: ClaimedItem, finding: Finding, note: string) =>
      call(item(id, '/finding'), {
        method: 'PUT',
        body: { finding, lease, ...noteOf(note) },
        keepalive: true,
      }),
    discard: ({ id, lease }: ClaimedItem, note: string) =>
      call(item(id, '/discard'), { method: 'PUT', body: { lease, ...noteOf(note) }, keepalive: true }),
    skip: ({ id, lease }: ClaimedItem) => call(item(id, '/skip'), { ...post({ lease }), keepalive: true }),
    release: ({ id, lease }: ClaimedItem) =>
      call(item(id, '/release'), { ...post({ lease }), keepalive: true }),
    renew: ({ id, lease }: ClaimedItem, leaseSeconds: number) =>
      call(item(id, '/renew'), post({ lease, lease_seconds: leaseSeconds })),
    undo: (id: string, leaseSeconds: number) =>
      read<ClaimedItem>(item(id, '/undo'), post({ lease_seconds: leaseSeconds })),

    list: (query: ListQuery) => {
      const given = Object.entries(query).map(([name, value]) => [name, String(value)]);
      return read<LeadPage>(`/v1/reviews?${new URLSearchParams(given).toString()}`);
    },
    history: (id: string) => read<ItemHistory>(item(id, '/history')),
    reassign: (id: string, to: string | null) => call(item(id, '/reassign'), post({ to })),
    settle: (id: string, answer: { readonly label: string } | { readonly finding: Finding }) =>
      call(item(id, '/settle'), post(answer)),
  };
}

function noteOf(note: string): { note?: string } {
  const text = note.trim();
  return text === '' ? {} : { note: text };
}

/** What an answer that is not 2xx means. */
async function problemOf(response: Response): Promise<Refusal | ServiceAway> {
  const { status } = response;
  let problem: { readonly code?: unknown; readonly detail?: unknown };
  try {
    problem = (await response.json()) as typeof problem;
  } catch {
    problem = {};
  }
  if (status === 429) {
    return new ServiceAway(
      typeof problem.detail === 'string' ? problem.detail : 'Too many requests were sent.',
    );
  }
  if (status >= 500) return new ServiceAway(`The service has a problem (${status}).`);
  const { code, detail } = problem;
  return new Refusal(
    status,
    typeof code === 'string' ? code : 'unknown',
    typeof detail === 'string' ? detail : `The service answered ${status}.`,
  );
}
