/** Finds a model's class by what data call it; null for anything else. */
export interface Labels {
  /**
   * By name: the label itself, or one that differs only in case, spaces and punctuation ("T-shirt-top" for
   * "T-shirt/top").
   */
  readonly byName: (name: string) => number | null;
  /** By number, from 0. */
  readonly byIndex: (index: number) => number | null;
  /** What is expected, for messages. */
  readonly expected: string;
}

const SHOWN = 12;

/** @param labels All different. */
export function createLabels(labels: readonly string[]): Labels {
  const exact = new Map(labels.map((label, index) => [label, index]));
  const loose = new Map<string, number | null>();
  for (const [index, label] of labels.entries()) {
    const key = slug(label);
    // Two labels that differ in punctuation alone, like "C" and "C++", are told apart by their exact names
    // only.
    loose.set(key, key === '' || loose.has(key) ? null : index);
  }
  const shown = labels.slice(0, SHOWN).map((label) => JSON.stringify(label));
  const more = labels.length > SHOWN ? ` and ${labels.length - SHOWN} more` : '';
  return {
    byName: (name) => exact.get(name) ?? loose.get(slug(name)) ?? null,
    byIndex: (index) => (Number.isInteger(index) && index >= 0 && index < labels.length ? index : null),
    expected: `${shown.join(', ')}${more}`,
  };
}

function slug(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}
