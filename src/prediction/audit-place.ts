/**
 * Where an audit stands in the queue: among the others, by the law of the others.
 *
 * An automatic answer is less sensitive than nearly all that is in review by reason. By its own sensitivity
 * an audit would come behind all of them: reviewers would know it by its place, and in a backlog no audit
 * would ever be looked at. So its priority is drawn into one of the n + 1 gaps that the priorities of the
 * latest n others leave, all equally probable, as that of another item of the same law would lie. It
 * is one of theirs only where two of them are equal: an audit would be told by standing right behind its
 * twin.
 *
 * @param others Priorities of the latest items in review by reason, in any order; finite.
 * @param own The answer's own, where there are no others.
 * @param random Uniform in [0, 1).
 */
export function auditPriority(others: readonly number[], own: number, random: () => number): number {
  const sorted = others.toSorted((a, b) => a - b);
  if (sorted.length === 0) return own;
  const gap = Math.floor(random() * (sorted.length + 1));
  const share = random();
  const least = sorted[0]!;
  const greatest = sorted.at(-1)!;
  // No sensitivity is below 0; what was not measured stands behind all others.
  if (gap === 0) return least > 0 ? least * share : least;
  if (gap === sorted.length)
    return greatest > 0 ? Math.min(greatest * (1 + share), Number.MAX_VALUE) : greatest;
  const below = sorted[gap - 1]!;
  const above = sorted[gap]!;
  return Math.min(above, Math.max(below, below * (1 - share) + above * share));
}
