/** An image that may be deleted. */
export interface OldImage {
  readonly itemId: string;
  /** Under which its bytes lie. */
  readonly predictionId: string;
}

/** What is deleted with time. */
export interface Retention {
  /** Deletes the images of items that were labelled or discarded before then; returns how many. */
  deleteImages(decidedBeforeMs: number): Promise<number>;
  /** Such items whose images are not deleted, longest decided first, at most so many. */
  oldImages(decidedBeforeMs: number, most: number): Promise<readonly OldImage[]>;
  /**
   * Deletes what the database has of the images of these items, and writes in their histories that the images
   * are deleted; returns of how many, without those of which that was written before.
   */
  forgetImages(ids: readonly string[]): Promise<number>;
  /** Deletes the idempotency keys that are not known any more; returns how many. */
  forgetRequests(): Promise<number>;
}
