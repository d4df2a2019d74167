import { createHash } from 'node:crypto';
import type { Recording, Records } from '../store/records.ts';
import type { RecordedRequest, RequestKey } from '../store/recorded-request.ts';
import type { Answer } from './answer.ts';
import { IdempotencyError } from './idempotency-error.ts';
import type { PredictOptions, Predictor } from './predictor.ts';

/** An answer that is measured and decided, and what is to be recorded of it. */
export interface Unrecorded {
  readonly recording: Recording;
  /** To be called when it is recorded; gives the answer as it is sent. */
  readonly recorded: (storeMs: number) => Answer;
}

/** Measures and decides, and records nothing. */
type Prepare = (images: readonly Uint8Array[], options: PredictOptions) => Promise<readonly Unrecorded[]>;

/** SHA-256 of all that a request asks for, hex. Lengths keep two images apart from one that is both. */
export function fingerprintOf(images: readonly Uint8Array[], options: PredictOptions): string {
  const { method = 'estimate', transforms = false, deadlineMs = null } = options;
  const hash = createHash('sha256').update(JSON.stringify({ method, transforms, deadlineMs }));
  for (const image of images) hash.update(`\n${image.length}\n`).update(image);
  return hash.digest('hex');
}

/**
 * Predicts at most once for each key.
 *
 * The database decides who was first (store/reviewing.ts): two replicas may measure the same request, one records it, and both
 * answer with that. Within one process the second attempt is refused instead, since measuring is the costly part.
 */
export function createPredictOnce(records: Records, prepare: Prepare): Predictor['predictOnce'] {
  const underWay = new Set<string>();

  const repeat = async (earlier: RecordedRequest, fingerprint: string) => {
    if (earlier.fingerprint !== fingerprint) {
      throw new IdempotencyError(
        'idempotency_key_reused',
        'Expected the images and parameters that this Idempotency-Key was first sent with; these are others. ' +
          'Send a new request under a new key.',
      );
    }
    const stored = await Promise.all(earlier.ids.map((id) => records.find(id)));
    const answers = stored.map((one, i) => {
      if (one === null) throw new Error(`expected the record ${earlier.ids[i]} of a known key; it is gone`);
      return one.prediction.answer as unknown as Answer;
    });
    return { answers, repeated: true };
  };

  const first = async (
    images: readonly Uint8Array[],
    options: PredictOptions,
    key: RequestKey,
    fingerprint: string,
  ) => {
    const prepared = await prepare(images, options);
    const began = performance.now();
    const earlier = await records.recordOnce(
      { ...key, fingerprint },
      prepared.map(({ recording }) => recording),
    );
    if (earlier !== null) return repeat(earlier, fingerprint);
    const storeMs = performance.now() - began;
    return { answers: prepared.map(({ recorded }) => recorded(storeMs)), repeated: false };
  };

  return async (images, options, key) => {
    const fingerprint = fingerprintOf(images, options);
    const name = JSON.stringify([key.caller, key.key]);
    if (underWay.has(name)) {
      throw new IdempotencyError(
        'idempotency_key_in_use',
        'A request under this Idempotency-Key is being answered. Send it again in a second to get its answer.',
      );
    }
    underWay.add(name);
    try {
      const earlier = await records.findRequest(key);
      return await (earlier === null
        ? first(images, options, key, fingerprint)
        : repeat(earlier, fingerprint));
    } finally {
      underWay.delete(name);
    }
  };
}
