/** Options shown at a time; a list of a thousand is searched, not read. */
export const MOST_SHOWN = 60;

/** The labels with those first that are likely: predicted, then recently used, then in the model's order. */
export function suggested(
  labels: readonly string[],
  predicted: readonly string[],
  recent: readonly string[],
): readonly string[] {
  return [...new Set([...predicted, ...recent, ...labels])];
}

/**
 * The labels that match what is typed, best first: those that begin with it, then those of which a word
 * does, then those that contain it, each group in the order given. Case and accents don't matter.
 */
export function matching(labels: readonly string[], typed: string): readonly string[] {
  const wanted = plain(typed);
  if (wanted === '') return labels;
  const groups: [string[], string[], string[]] = [[], [], []];
  for (const label of labels) {
    const text = plain(label);
    const place = text.indexOf(wanted);
    if (place < 0) continue;
    if (place === 0) groups[0].push(label);
    else if (startsWord(text, wanted)) groups[1].push(label);
    else groups[2].push(label);
  }
  return groups.flat();
}

/** The recent labels after one more was used, latest first. */
export function used(recent: readonly string[], label: string): readonly string[] {
  return [label, ...recent.filter((other) => other !== label)].slice(0, 10);
}

function startsWord(text: string, wanted: string): boolean {
  for (let i = text.indexOf(wanted); i >= 0; i = text.indexOf(wanted, i + 1)) {
    if (i === 0 || !/[\p{L}\p{N}]/u.test(text[i - 1]!)) return true;
  }
  return false;
}

function plain(text: string): string {
  return text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trim();
}
