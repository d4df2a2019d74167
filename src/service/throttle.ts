/**
 * Counts calls, and passes the count to `tell` at most once every `ms`: the first call at once, those that
 * follow together.
 */
export function throttle(ms: number, tell: (count: number) => void): () => void {
  let count = 0;
  let waiting = false;
  const tellCount = (): void => {
    if (count === 0) {
      waiting = false;
      return;
    }
    const told = count;
    count = 0;
    waiting = true;
    setTimeout(tellCount, ms).unref();
    tell(told);
  };
  return () => {
    count++;
    if (!waiting) tellCount();
  };
}
