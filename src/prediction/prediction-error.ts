import type { EngineErrorCode } from '../engine/engine-error.ts';
import type { ImageErrorCode } from '../model/image-error.ts';
import type { IdempotencyErrorCode } from './idempotency-error.ts';

/** Every code of an error that `Predictor` throws: those of ImageError, EngineError and IdempotencyError. */
export type PredictionErrorCode = ImageErrorCode | EngineErrorCode | IdempotencyErrorCode;
