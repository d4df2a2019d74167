/**
 * A client that writes down what it asks before it asks, and what it was answered when it was: one JSON
 * object a line. Held against the database by `checker.ts`, which knows of the service no more than this log
 * and the tables.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Image, NthImage } from './images.ts';

export type Entry = { readonly at: number; readonly n: number } & (
  | { readonly act: 'predict'; readonly pixels: string; readonly bytes: string }
  | {
      readonly act: 'predicted';
      readonly status: number;
      readonly id: string;
      readonly decision: string;
      readonly label: string | null;
      readonly reasons: readonly string[];
      /** Id of the gate that stands in the answer. */
      readonly gate?: string | null;
    }
  | { readonly act: 'label'; readonly id: string; readonly label: string }
  | { readonly act: 'labelled' }
  | { readonly act: 'forget'; readonly id: string }
  | { readonly act: 'forgotten' }
  /** An answer that acknowledges nothing. */
  | { readonly act: 'refused'; readonly status: number; readonly code: string }
  /** No answer, or half of one. */
  | { readonly act: 'failed'; readonly error: string }
);

/**
 * As a proxy before the service would hold. In a flood of new ones some wait for seconds until the service
 * takes them in, and little else is measured.
 */
export const MOST_CONNECTIONS = 512;

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly milliseconds: number;
}

export interface Predicted {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly code: string | null;
  readonly retryAfter: string | null;
  readonly reasons: readonly string[];
  /** Id of the gate that stands in the answer; null where there is none, or no answer. */
  readonly gate: string | null;
  readonly milliseconds: number;
}

export interface LoggingClient {
  readonly file: string;
  /** Sends the next image; never throws. */
  predict(): Promise<Predicted>;
  /** Sends this one; never throws. Several of the same pixels may be sent. */
  send(image: Image, contentType: string): Promise<Predicted>;
  /**
   * Claims up to `limit` items and labels them as what they show; returns how many labels were acknowledged.
   */
  review(limit: number): Promise<number>;
  /** Forgets a prediction that was acknowledged; whether that was acknowledged. Never throws. */
  forget(id: string): Promise<boolean>;
  /** Ids that were acknowledged, oldest first, and are not asked to be forgotten. */
  readonly ids: readonly string[];
  /** Closes the connections that are idle; later requests open new ones. */
  closeConnections(): void;
  close(): void;
}

/** A request over kept connections, answered whole; rejects where it is not within `timeoutMs`. */
export function sendRequest(
  agent: Agent,
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Uint8Array;
    readonly timeoutMs?: number;
  } = {},
): Promise<Answered> {
  const { method = 'GET', headers = {}, body, timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    let began = performance.now();
    const sent = request(url, {
      method,
      agent,
      headers: { ...headers, 'content-length': body?.length ?? 0 },
    });
    const late = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(late);
      reject(error);
    };
    sent.once('error', fail);
    // From when a connection takes it: until then it is the sender's.
    sent.once('socket', () => {
      began = performance.now();
    });
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => {
        clearTimeout(late);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
          milliseconds: performance.now() - began,
        });
      });
    });
    sent.end(body);
  });
}

interface PredictionAnswer {
  readonly id: string;
  readonly decision: string;
  readonly label: string | null;
  readonly reasons: readonly string[];
  readonly gate: { readonly id: string } | null;
}

/**
 * @param timeoutMs After which a request counts as unanswered.
 * @param headers Of every request, such as whose it is.
 */
export function openClient(
  file: string,
  urlNow: () => string,
  nthImage: NthImage,
  timeoutMs = 30_000,
  headers: Readonly<Record<string, string>> = {},
): LoggingClient {
  const log = openSync(file, 'a');
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  let next = 0;
  let closed = false;
  const truth = new Map<string, string>();

  const write = (entry: Record<string, unknown>): void => {
    if (!closed) writeSync(log, JSON.stringify({ at: Date.now(), ...entry }) + '\n');
  };
  const failed = (n: number, error: unknown): void => {
    write({ n, act: 'failed', error: error instanceof Error ? error.message : String(error) });
  };
  const refused = (n: number, { status, text }: Answered): string => {
    const { code } = JSON.parse(text) as { code: string };
    write({ n, act: 'refused', status, code });
    return code;
  };

  const send = async (n: number, image: Image, contentType: string): Promise<Predicted> => {
    write({ n, act: 'predict', pixels: image.pixelsHash, bytes: image.bytesHash });
    const began = performance.now();
    try {
      const answered = await sendRequest(agent, `${urlNow()}/v1/predictions`, {
        method: 'POST',
        headers: { ...headers, 'content-type': contentType },
        body: image.bytes,
        timeoutMs,
      });
      const { status, milliseconds } = answered;
      const retryAfter = answered.headers['retry-after'];
      if (status !== 200 && status !== 202) {
        const code = refused(n, answered);
        const refusal = { status, code, retryAfter: String(retryAfter ?? '') };
        return { ...refusal, reasons: [], gate: null, milliseconds };
      }
      const answer = JSON.parse(answered.text) as PredictionAnswer;
      const { id, decision, label, reasons } = answer;
      const gate = answer.gate?.id ?? null;
      write({ n, act: 'predicted', status, id, decision, label, reasons, gate });
      truth.set(id, image.label);
      return { status, code: null, retryAfter: null, reasons, gate, milliseconds };
    } catch (error) {
      failed(n, error);
      return {
        status: 0,
        code: null,
        retryAfter: null,
        reasons: [],
        gate: null,
        milliseconds: performance.now() - began,
      };
    }
  };

  const postJson = (path: string, method: string, body: unknown): Promise<Answered> =>
    sendRequest(agent, urlNow() + path, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
      timeoutMs,
    });

  const label = async ({ id, lease }: { id: string; lease: string }): Promise<boolean> => {
    const n = next++;
    const given = truth.get(id) ?? 'Shirt';
    write({ n, act: 'label', id, label: given });
    try {
      const answered = await postJson(`/v1/reviews/${id}/label`, 'PUT', { label: given, lease });
      if (answered.status !== 204) {
        refused(n, answered);
        return false;
      }
      write({ n, act: 'labelled' });
      return true;
    } catch (error) {
      failed(n, error);
      return false;
    }
  };

  const review = async (limit: number): Promise<number> => {
    let claimed: { id: string; lease: string }[];
    try {
      const answered = await postJson('/v1/reviews/claim', 'POST', { limit, lease_seconds: 60 });
      if (answered.status !== 200) return 0;
      claimed = JSON.parse(answered.text) as typeof claimed;
    } catch {
      return 0;
    }
    let done = 0;
    for (const item of claimed) done += (await label(item)) ? 1 : 0;
    return done;
  };

  const forget = async (id: string): Promise<boolean> => {
    const n = next++;
    write({ n, act: 'forget', id });
    truth.delete(id);
    try {
      const answered = await sendRequest(agent, `${urlNow()}/v1/predictions/${id}`, {
        method: 'DELETE',
        timeoutMs,
      });
      if (answered.status !== 204 && answered.status !== 202) {
        refused(n, answered);
        return false;
      }
      write({ n, act: 'forgotten' });
      return true;
    } catch (error) {
      failed(n, error);
      return false;
    }
  };

  return {
    file,
    forget,
    get ids() {
      return [...truth.keys()];
    },
    predict: () => {
      const n = next++;
      return send(n, nthImage(n), 'image/png');
    },
    send: (image, contentType) => send(next++, image, contentType),
    review,
    closeConnections: () => {
      agent.destroy();
    },
    close: () => {
      if (closed) return;
      closed = true;
      agent.destroy();
      closeSync(log);
    },
  };
}

/** The entries of a log; a last line that was cut short is left out. */
export function readLog(file: string): Entry[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Entry);
}
