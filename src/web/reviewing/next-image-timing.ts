const ANSWERED = 'sensigate:answered';
/**
 * User timing entries of this name last from the key or click of an answer until the next image is painted.
 */
const NEXT_IMAGE = 'sensigate:next-image';
const KEPT = 500;

/** @param atMs The event's `timeStamp`. */
export function markAnswer(atMs: number): void {
  performance.clearMarks(ANSWERED);
  performance.mark(ANSWERED, { startTime: atMs });
}

/** To be called when the next image is drawn; it measures when the browser has painted it. */
export function measureNextImage(): void {
  if (performance.getEntriesByName(ANSWERED, 'mark').length === 0) return;
  // The first frame paints what is drawn now; by the second it is painted.
  requestAnimationFrame(() => {
    requestAnimationFrame(() => {
      if (performance.getEntriesByName(ANSWERED, 'mark').length === 0) return;
      if (performance.getEntriesByName(NEXT_IMAGE).length > KEPT) performance.clearMeasures(NEXT_IMAGE);
      performance.measure(NEXT_IMAGE, ANSWERED);
      performance.clearMarks(ANSWERED);
    });
  });
}
