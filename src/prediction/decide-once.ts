import { createHash } from 'node:crypto';
import type { ItemIds, Recording, Records } from '../store/records.ts';
import type { RecordedRequest, RequestKey } from '../store/recorded-request.ts';
import type { Answer } from './answer.ts';
import { IdempotencyError } from './idempotency-error.ts';
import { bytesOf, type Inputs } from './inputs.ts';
import type { DecideOptions, Decided } from './predictor.ts';
import { decodeAnswer, firstAnswer } from './stored-answer.ts';

/** An answer that is measured and decided, and what is to be recorded of it. */
export interface Unrecorded {
  readonly recording: Recording;
  /** Called when it is recorded, with its item, if it has one; gives the answer as it is sent. */
  readonly recorded: (storeMs: number, itemId: string | null) => Answer;
}

/** The answers of a request that is recorded since `began`, of `performance.now`. */
export function answersOf(prepared: readonly Unrecorded[], items: ItemIds, began: number): Answer[] {
  const storeMs = performance.now() - began;
  return prepared.map(({ recorded }, i) => recorded(storeMs, items[i] ?? null));
}

/** SHA-256 of all that a request asks for, hex. Lengths keep two images apart from one that is both. */
export function fingerprintOf(inputs: Inputs, options: DecideOptions, stream: string | null = null): string {
  const { method = 'estimate', transforms = false, deadlineMs = null } = options;
  // Without a stream it is the fingerprint that requests of earlier releases have.
  const asked = { method, transforms, deadlineMs, ...(stream === null ? {} : { stream }) };
  const hash = createHash('sha256').update(JSON.stringify(asked));
  if (inputs.kind === 'tensors') hash.update('\ntensors');
  for (const bytes of bytesOf(inputs)) hash.update(`\n${bytes.length}\n`).update(bytes);
  return hash.digest('hex');
}

/** Decides what `prepare` measures at most once for each key. */
export type DecideOnce = (
  key: RequestKey,
  fingerprint: string,
  prepare: () => Promise<readonly Unrecorded[]>,
) => Promise<Decided>;

/**
 * Decides at most once for each key.
 *
 * The database decides who was first (store/reviewing.ts): two replicas may measure the same request, one
 * records it, and both answer with that. Within one process the second attempt is refused instead, since
 * measuring is the costly part.
 */
export function createDecideOnce(records: Records): DecideOnce {
  const underWay = new Set<string>();

  const repeat = async (earlier: RecordedRequest, fingerprint: string): Promise<Decided> => {
    // Of what was forgotten nothing is known that was sent, so that no request can be told from another.
    if (earlier.fingerprint === '') throw forgotten();
    if (earlier.fingerprint !== fingerprint) {
      throw new IdempotencyError(
        'idempotency_key_reused',
        'Expected the images and parameters that this Idempotency-Key was first sent with; these are ' +
          'others. Send a new request under a new key.',
      );
    }
    const stored = await Promise.all(earlier.ids.map((id) => records.find(id)));
    const answers = stored.map((one) => {
      if (one === null) throw forgotten();
      return firstAnswer(decodeAnswer(one.prediction), one.review?.id ?? null);
    });
    return { answers, repeated: true };
  };

  const first = async (
    key: RequestKey,
    fingerprint: string,
    prepare: () => Promise<readonly Unrecorded[]>,
  ): Promise<Decided> => {
    const prepared = await prepare();
    const began = performance.now();
    const outcome = await records.recordOnce(
      { ...key, fingerprint },
      prepared.map(({ recording }) => recording),
    );
    if (outcome.earlier !== null) return repeat(outcome.earlier, fingerprint);
    return { answers: answersOf(prepared, outcome.items, began), repeated: false };
  };

  return async (key, fingerprint, prepare) => {
    const name = JSON.stringify([key.caller, key.key]);
    if (underWay.has(name)) {
      throw new IdempotencyError(
        'idempotency_key_in_use',
        'A request under this Idempotency-Key is being answered. Send it again in a second to get ' +
          'its answer.',
      );
    }
    underWay.add(name);
    try {
      const earlier = await records.findRequest(key);
      return await (earlier === null ? first(key, fingerprint, prepare) : repeat(earlier, fingerprint));
    } finally {
      underWay.delete(name);
    }
  };
}

function forgotten(): IdempotencyError {
  return new IdempotencyError(
    'prediction_forgotten',
    'What was recorded under this Idempotency-Key was forgotten since, at least in part, and is not done ' +
      'again. Send a new request under a new key.',
  );
}
