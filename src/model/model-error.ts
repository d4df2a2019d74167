export type ModelErrorCode =
  | 'missing_file'
  | 'bad_manifest'
  | 'unreadable_graph'
  | 'shape_mismatch'
  | 'output_mismatch'
  | 'quantised_graph';

/** A model folder that can't be served. Whoever starts the service can act on it; the message says how. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
