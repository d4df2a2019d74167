import type { DrawnAnswer, Redrawable } from '../store/keeping.ts';
import type { Store } from '../store/store.ts';

/** Which automatic answers of the past are to be audited more. */
export interface PastAnswers extends Pick<Redrawable, 'modelDigest' | 'gateId' | 'streams'> {
  readonly sinceMs: number;
  /** A group of streams; null for all. */
  readonly stream: string | null;
}

export interface RedrawDeps {
  readonly keeping: Pick<Store['keeping'], 'redrawable' | 'redraw'>;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform in [0, 1); nobody may be able to foretell it. */
  readonly random: () => number;
}

const AT_ONCE = 500;

/**
 * Draws audits once more from the automatic answers whose images are still kept, so that each had the chance
 * `rate` in both draws together: (rate − r) ∕ (1 − r) now, where it was r before. What was drawn before, its
 * audit answered or not, speaks for as many answers as what is drawn now, so its weight becomes the same.
 *
 * Answers whose images are gone keep their chance.
 *
 * @returns How many are audited now that were not.
 */
export async function redrawAudits(
  { keeping, now, random }: RedrawDeps,
  { sinceMs, stream, ...which }: PastAnswers,
  rate: number,
): Promise<number> {
  let drawn = 0;
  for (let after = { createdMs: sinceMs, id: '' }; ;) {
    const found: readonly DrawnAnswer[] = await keeping.redrawable({ ...which, after, below: rate }, AT_ONCE);
    const draws = found
      .filter((answer) => stream === null || answer.stream === stream)
      .map(({ id, inclusionProbability: from, undrawn }) => {
        const isDrawn = undrawn && random() < (rate - from) / (1 - from);
        return { id, from, to: rate, dueMs: isDrawn ? now() : null };
      });
    if (draws.length > 0) await keeping.redraw(draws);
    drawn += draws.filter(({ dueMs }) => dueMs !== null).length;
    const last = found.at(-1);
    if (last === undefined || found.length < AT_ONCE) return drawn;
    after = { createdMs: last.createdMs, id: last.id };
  }
}
