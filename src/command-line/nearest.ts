/**
 * The number of letters that must be put in, taken out, replaced or swapped with their neighbour to make `a`
 * into `b` (optimal string alignment: no letter is changed twice).
 */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? rows[i - 2]![j - 2]! + 1 : Infinity;
      row.push(Math.min(replaced, swapped, rows[i - 1]![j]! + 1, row[j - 1]! + 1));
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

/** One wrong letter in three still tells which word was meant. */
const LETTERS_PER_MISTAKE = 3;

/**
 * The known word that was probably meant: the one that begins so, or the nearest in spelling; null where none
 * is near.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const begun = known.filter((one) => word.length >= 2 && one.startsWith(word));
  if (begun.length === 1) return begun[0]!;
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / LETTERS_PER_MISTAKE)) + 1;
  for (const one of known) {
    const distance = editDistance(word, one);
    if (distance < least) [best, least] = [one, distance];
  }
  return best;
}
