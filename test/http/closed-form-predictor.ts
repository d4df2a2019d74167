import { ulid } from 'ulid';
import sharp from 'sharp';
import { EngineError, type EngineErrorCode } from '../../src/engine/engine-error.ts';
import { createDecode } from '../../src/model/decode.ts';
import { ImageError } from '../../src/model/image-error.ts';
import { parseManifest } from '../../src/model/manifest.ts';
import type { Answer, Reason } from '../../src/prediction/answer.ts';
import type { PredictOptions, Predictor } from '../../src/prediction/predictor.ts';
import type { Json, ReviewQueue } from '../../src/review/queue.ts';

/** One gray pixel is all that this classifier looks at. */
export const manifest = parseManifest(
  {
    name: 'dark-or-light',
    version: '1',
    labels: ['dark', 'light'],
    input: {
      name: 'x',
      shape: ['n', 1, 1, 1],
      layout: 'NCHW',
      channels: 'gray',
      scale: 1 / 255,
      mean: [0],
      std: [1],
    },
    output: { name: 'p', values: 'probabilities' },
    licence: 'CC0-1.0',
    provenance: 'closed form',
  },
  'closed form',
);

export const digest = `sha256:${'0'.repeat(64)}`;

/** Largest image that is taken. */
export const MAX_PIXELS = 10_000;

/** A solid gray image; 0 is dark, 255 light, and 128 is where the answer turns. */
export function grayPng(value: number, size = 4): Promise<Buffer> {
  const background = { r: value, g: value, b: value };
  return sharp({ create: { width: size, height: size, channels: 3, background } })
    .png()
    .toBuffer();
}

/** What a test can have happen next. */
export interface Circumstances {
  now: () => number;
  /** Reviews what would be automatic, as a random audit does. */
  audit: boolean;
  /** What the engine refuses work with. */
  engine: EngineErrorCode | null;
  /** A bug. */
  bug: Error | null;
  /** Held up until it resolves. */
  pause: Promise<void>;
  /** Options of the last call. */
  asked: PredictOptions | null;
}

/**
 * Predictor with the classifier p(light) = x for a gray x in [0, 1], of which everything can be said by eye: its
 * sensitivity is said to be 4x(1 − x), and from 0.5 on a person decides. Images are really decoded and records really
 * stored.
 */
export function createClosedFormPredictor(reviews: ReviewQueue, circumstances: Circumstances): Predictor {
  const decode = createDecode(manifest, MAX_PIXELS);

  const answerOf = (gray: number): Answer => {
    const x = gray / 255;
    const sensitivity = 4 * x * (1 - x);
    const label = x > 0.5 ? 'light' : 'dark';
    const probability = Math.max(x, 1 - x);
    const id = ulid(circumstances.now());
    const reasons: Reason[] = sensitivity >= 0.5 ? ['sensitive'] : circumstances.audit ? ['audit'] : [];
    const decision = reasons.length === 0 ? 'auto' : 'review';
    const other = label === 'light' ? 'dark' : 'light';
    return {
      id,
      decision,
      reasons,
      label: decision === 'auto' ? label : null,
      prediction: {
        label,
        index: label === 'light' ? 1 : 0,
        probability,
        top: [
          { label, probability },
          { label: other, probability: 1 - probability },
        ],
      },
      sensitivity: { value: sensitivity, interval: null, confidence: 1, probes: 2, method: 'exact' },
      signals: { sensitivity, confidence: probability },
      gate: { id: 'gate-1', signal: 'sensitivity', threshold: 0.5 },
      model: { name: manifest.name, digest },
      review: decision === 'review' ? { id, state: 'pending', href: `/v1/reviews/${id}` } : null,
    };
  };

  return {
    predict: async (images, options) => {
      circumstances.asked = options;
      await circumstances.pause;
      if (circumstances.bug) throw circumstances.bug;
      if (circumstances.engine)
        throw new EngineError(circumstances.engine, `the engine says ${circumstances.engine}`);
      const grays = await Promise.all(
        images.map(async (bytes, position) => {
          try {
            return (await decode(bytes))[0]!;
          } catch (error) {
            throw error instanceof ImageError ? new ImageError(error.code, error.message, position) : error;
          }
        }),
      );
      const answers = grays.map(answerOf);
      for (const [i, answer] of answers.entries()) {
        const image = { bytes: images[i]!, contentType: 'image/png' };
        const record = {
          id: answer.id,
          createdMs: circumstances.now(),
          inputHash: '',
          modelDigest: digest,
          gateId: 'gate-1',
          decision: answer.decision,
          reasons: answer.reasons,
          predictedLabel: answer.prediction!.label,
          priority: answer.sensitivity!.value,
          answer: answer as unknown as Record<string, Json>,
        };
        await reviews.record(record, answer.decision === 'review' ? image : null);
      }
      return answers;
    },
    find: async (id) => {
      const stored = await reviews.find(id);
      if (stored === null) return null;
      const answer = stored.prediction.answer as unknown as Answer;
      if (answer.review === null || stored.review?.state !== 'labelled') return answer;
      const { label, reviewer } = stored.review;
      return { ...answer, label, review: { ...answer.review, state: 'labelled', labelled_by: reviewer! } };
    },
    sensitivityMap: async (id) => ((await reviews.image(id)) === null ? null : grayPng(255)),
  };
}
