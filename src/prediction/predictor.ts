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
   * Measures, decides and records each image; resolves when all records are durable, in the order of `images`.
   *
   * All images are decoded before the first is measured, so a bad one leaves nothing behind.
   *
   * @throws ImageError, EngineError
   */
  predict(images: readonly Uint8Array[], options: PredictOptions): Promise<readonly Answer[]>;
  /** The answer as it stands now: with the person's label once there is one. */
  find(id: string): Promise<Answer | null>;
  /** PNG of ‖∂p/∂x_i‖ for every pixel of a stored image; null when there is no such image. */
  sensitivityMap(id: string): Promise<Uint8Array | null>;
}
