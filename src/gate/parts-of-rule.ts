import type { Calibration } from './calibration.ts';

/** Of one image: whether each part of the rule lets it through by itself, and whether its label is wrong. */
export interface PartsKept {
  readonly kept: Readonly<Record<Part, boolean>>;
  readonly wrong: boolean;
}

export type Part = Calibration['parts'][number]['part'];

/** What each part sends to people, and what it alone does. */
export function partsOfRule(images: readonly PartsKept[], parts: readonly Part[]): Calibration['parts'] {
  const count = (some: readonly PartsKept[]): { images: number; errors: number } => ({
    images: some.length,
    errors: some.filter(({ wrong }) => wrong).length,
  });
  return parts.map((part) => {
    const sent = images.filter(({ kept }) => !kept[part]);
    const alone = sent.filter(({ kept }) => parts.every((other) => other === part || kept[other]));
    return { part, sent: count(sent), alone: count(alone) };
  });
}
