import type { RequestKey } from '../store/recorded-request.ts';
import type { Answer } from './answer.ts';

export interface PredictOptions {
  /** `exact` differences every coordinate; `estimate` (default) uses the gate's random directions. */
  readonly method?: 'estimate' | 'exact';
  /** Also measure transform sensitivity and agreement, by the default family where the gate has none. */
  readonly transforms?: boolean;
  /** What is not measured by then goes to review. Default: the service's. */
  readonly deadlineMs?: number;
}

export interface Predictor {
  /**
   * Measures, decides and records each image; resolves when all records are durable, in the order of `images`. One gate
   * decides them all: the one that was in use when the request came.
   *
   * All images are decoded before the first is measured, so a bad one leaves nothing behind.
   *
   * @throws ImageError, EngineError
   */
  predict(images: readonly Uint8Array[], options: PredictOptions): Promise<readonly Answer[]>;
  /**
   * As `predict`, but records all images or none, and once for a key. The same request again gets the answers that were
   * given first, without their timing.
   *
   * @throws IdempotencyError, ImageError, EngineError
   */
  predictOnce(
    images: readonly Uint8Array[],
    options: PredictOptions,
    key: RequestKey,
  ): Promise<{ readonly answers: readonly Answer[]; readonly repeated: boolean }>;
  /** The answer as it stands now: with the person's label once there is one. */
  find(id: string): Promise<Answer | null>;
  /** PNG of ‖∂p/∂x_i‖ for every pixel of a stored image; null when there is no such image. */
  sensitivityMap(id: string): Promise<Uint8Array | null>;
}
