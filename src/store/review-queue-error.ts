export type ReviewQueueErrorCode =
  'bad_cursor' | 'duplicate_id' | 'queue_closed' | 'newer_database' | 'database_unavailable';

/** A request that the review queue refuses, and that its caller can act on. Nothing was changed. */
export class ReviewQueueError extends Error {
  override readonly name = 'ReviewQueueError';
  readonly code: ReviewQueueErrorCode;

  constructor(code: ReviewQueueErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
