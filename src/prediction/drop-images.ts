import type { Store } from '../store/store.ts';

/** What becomes of the image of an automatic answer; which are drawn is told nowhere. */
export type KeptEvent = 'kept' | 'not_kept' | 'dropped';

export interface DropDeps {
  readonly keeping: Pick<Store['keeping'], 'totals' | 'oldest' | 'drop'>;
  /** How long images of automatic answers are kept; 0 for none, and then there are no audits. */
  readonly keepMs: number;
  /** Of all of them together; 0 likewise. */
  readonly keepBytes: number;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly observe: (event: KeptEvent, count: number) => void;
}

/** SQLite writes and deletes on the thread that answers: others wait for so much. */
export const BATCH_BYTES = 2 * 1024 * 1024;
export const BATCH_IMAGES = 64;

/** Drops the images that are kept too long, and the oldest of those that are too many. */
export async function dropImages({ keeping, keepMs, keepBytes, now, observe }: DropDeps): Promise<void> {
  let excess = (await keeping.totals()).bytes - keepBytes;
  for (;;) {
    const oldest = await keeping.oldest(BATCH_IMAGES);
    const before = now() - keepMs;
    let bytes = 0;
    const end = oldest.findIndex((one, i) => {
      if (one.keptMs > before && excess <= bytes) return true;
      bytes += one.bytes;
      return i > 0 && bytes > BATCH_BYTES;
    });
    const gone = end === -1 ? oldest : oldest.slice(0, end);
    if (gone.length === 0) return;
    observe('dropped', await keeping.drop(gone.map(({ id }) => id)));
    excess -= gone.reduce((sum, one) => sum + one.bytes, 0);
  }
}
