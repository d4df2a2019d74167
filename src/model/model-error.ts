import { CodedError } from '../coded-error.ts';

export type ModelErrorCode =
  | 'missing_file'
  | 'bad_manifest'
  | 'unreadable_graph'
  | 'shape_mismatch'
  | 'output_mismatch'
  | 'quantised_graph';

/** A model folder that can't be served. Whoever starts the service can act on it; the message says how. */
export class ModelError extends CodedError<ModelErrorCode> {
  override readonly name = 'ModelError';
}
