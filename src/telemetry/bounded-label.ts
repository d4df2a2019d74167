/** Stands for every value past the bound. */
const OTHER = 'other';

/**
 * Keeps a label's cardinality bounded where its values come from outside: the first `most` different ones
 * keep their name, all later ones share `other`.
 */
export function boundedLabel(most: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (!known.has(value) && known.size < most) known.add(value);
    return known.has(value) ? value : OTHER;
  };
}

/** Those that some route takes. Node reads more than thirty, and anybody may send them. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE']);

/** The method as metrics and traces name it. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : OTHER;
}
