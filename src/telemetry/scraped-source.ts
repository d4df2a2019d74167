/**
 * How long a scrape waits for an answer. Prometheus gives up after ten seconds, and then has no metric at
 * all.
 */
const PATIENCE_MS = 2000;

/** A source that keeps failing is told of this often. */
const REMINDER_MS = 600_000;

/** A source of figures that did not answer a scrape. */
export interface SourceProblem {
  readonly source: string;
  readonly reason: string;
}

export type OnSourceProblem = (problem: SourceProblem) => void;

/**
 * Something outside this process's memory that is asked for figures when Prometheus scrapes, and never
 * otherwise.
 */
export interface ScrapedSource<T> {
  /** Has `read` asked from now on. */
  readonly watch: (read: () => Promise<T> | T) => void;
  /**
   * What the source answers to the scrape under way, asked once however many metrics come of it.
   *
   * Null where there is none yet, and where it fails or takes too long: one source cannot take every metric
   * away.
   */
  readonly read: () => Promise<T | null>;
}

/**
 * A source that is called `name` where it fails.
 *
 * @param onProblem Told of a failure at once, and of those that follow at most every ten minutes.
 * @param now Milliseconds.
 */
export function scrapedSource<T>(
  name: string,
  onProblem: OnSourceProblem,
  now: () => number,
): ScrapedSource<T> {
  let source: (() => Promise<T> | T) | null = null;
  let underWay: Promise<T | null> | null = null;
  let told = -Infinity;

  const ask = async (read: () => Promise<T> | T): Promise<T | null> => {
    const limit = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      limit.reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
    try {
      return await Promise.race([read(), limit.promise]);
    } catch (error) {
      if (now() - told >= REMINDER_MS) {
        told = now();
        onProblem({ source: name, reason: error instanceof Error ? error.message : String(error) });
      }
      return null;
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    watch: (read) => {
      source = read;
    },
    read: async () => {
      if (source === null) return null;
      underWay ??= ask(source).finally(() => {
        underWay = null;
      });
      return underWay;
    },
  };
}
