import { CodedError } from '../coded-error.ts';

export type EngineErrorCode =
  'engine_busy' | 'request_exceeds_queue' | 'input_too_large_for_exact' | 'engine_unavailable' | 'no_map';

/**
 * Work that the engine does not take on. Nothing was measured and nothing is stored; the caller may come
 * again.
 */
export class EngineError extends CodedError<EngineErrorCode> {
  override readonly name = 'EngineError';
}
