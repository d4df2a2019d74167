/**
 * Whether the next answer of a stratum is audited.
 *
 * @param rate The chance that it is, 0 to 1.
 */
export type AuditDraw = (stratum: string, rate: number) => boolean;

interface Stratum {
  /** Sum of the rates since the current unit began, 0 to 1. */
  at: number;
  /** Where in the current unit its one audit lies; null where it lies behind already. */
  point: number | null;
}

/** Strata that are remembered; one that comes back begins anew. */
const MOST_STRATA = 10_000;

/**
 * Draws one answer for each whole sum of rates in each stratum: stratified sampling, with one drawn in each
 * zone of equal size (Cochran 1977, Sampling Techniques, chapter 8).
 *
 * The rates of a stratum's answers are laid end to end. In each unit of that line one point is drawn, alike
 * for every place, and the answer that lies there is audited. So each answer has exactly the chance that its
 * rate says, whatever the rates of the others; of many answers as many are audited as their rates sum up to,
 * in every stratum, give or take one; and which one of a unit it is nobody can tell from the others.
 *
 * An answer that lies in two units has the point of the first with its part p₁ there. Where it has not, it
 * has that of the second with chance p₂ ∕ (1 − p₁), which makes p₁ + p₂ in all.
 *
 * @param random Uniform in [0, 1); nobody may be able to foretell it.
 */
export function createAuditDraw(random: () => number): AuditDraw {
  const strata = new Map<string, Stratum>();

  const recall = (name: string): Stratum => {
    const known = strata.get(name);
    if (known !== undefined) {
      strata.delete(name);
      strata.set(name, known);
      return known;
    }
    const fresh: Stratum = { at: 0, point: random() };
    strata.set(name, fresh);
    if (strata.size > MOST_STRATA) strata.delete(strata.keys().next().value!);
    return fresh;
  };

  return (name, rate) => {
    if (!(rate >= 0 && rate <= 1)) throw new RangeError(`expected a rate from 0 to 1, got ${rate}`);
    const stratum = recall(name);
    const { at, point } = stratum;
    const end = at + rate;
    if (end < 1) {
      const drawn = point !== null && point >= at && point < end;
      stratum.at = end;
      if (drawn) stratum.point = null;
      return drawn;
    }
    const first = 1 - at;
    const second = end - 1;
    const inFirst = point !== null && point >= at;
    const inSecond = !inFirst && random() < second / (1 - first);
    stratum.at = second;
    stratum.point = inSecond ? null : second + (1 - second) * random();
    return inFirst || inSecond;
  };
}
