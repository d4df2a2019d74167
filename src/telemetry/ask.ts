/** How long a scrape waits for an answer. Prometheus gives up after ten seconds, and then has no metric at all. */
const PATIENCE_MS = 2000;

/** What `read` answers; null where it fails or takes too long, so that one source cannot take every metric away. */
export async function ask<T>(read: () => Promise<T> | T): Promise<T | null> {
  const patience = Promise.withResolvers<null>();
  const timer = setTimeout(patience.resolve, PATIENCE_MS, null);
  try {
    return await Promise.race([read(), patience.promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
