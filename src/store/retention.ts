/** What is deleted with time. */
export interface Retention {
  /** Deletes the images of items that were labelled or discarded before then; returns how many. */
  deleteImages(decidedBeforeMs: number): Promise<number>;
  /** Deletes the idempotency keys that are not known any more; returns how many. */
  forgetRequests(): Promise<number>;
}
