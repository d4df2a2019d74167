export interface Pace {
  /** Under way at the least and at the most, where there is as much to do. */
  readonly least: number;
  readonly most: number;
  /** What one may take while as many are under way. */
  readonly aimMs: number;
  readonly now: () => number;
}

/**
 * Does `work` on every item, with as many under way as end within `aimMs` each: one more after each that did,
 * one fewer after each that did not. What is cheap fills the engine's batches; what is dear does not wait for
 * hundreds of others, and little of it is lost where the run is interrupted.
 *
 * The first failure is thrown; what is under way then is waited for, and nothing more is begun.
 */
export function atItsPace<T>(
  items: readonly T[],
  { least, most, aimMs, now }: Pace,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let room = least;
  let underWay = 0;
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const one = async (item: T): Promise<void> => {
    const began = now();
    try {
      await work(item);
      room = now() - began <= aimMs ? Math.min(most, room + 1) : Math.max(least, room - 1);
    } catch (error) {
      failure ??= { error };
    }
    underWay--;
    goOn();
  };
  const goOn = (): void => {
    while (failure === null && underWay < room && next < items.length) {
      underWay++;
      void one(items[next++]!);
    }
    if (underWay > 0) return;
    if (failure !== null) reject(failure.error);
    else resolve(undefined);
  };
  goOn();
  return promise;
}
