import type { Notes } from './notes.ts';

/** How well notes tell two kinds of items apart. */
export interface Verdict {
  /** Area under the ROC curve on items that were not learnt from; 0.5 is chance. */
  readonly auroc: number;
  /** The notes that tell most by themselves, with the AUROC of each, farthest from chance first. */
  readonly loudest: readonly string[];
}

/** Words that many items have in common are features; those of one item alone tell nothing of others. */
const MOST_WORDS = 12;
const ROUNDS = 40;
const CUTS = 24;

/**
 * Fits a classifier to half of the items and tries it on the other half, and the other way round.
 *
 * Boosted stumps on every number, on whether each note is there, and on each common word (Freund & Schapire
 * 1997): no threshold or combination has to be guessed. The AUROC is the mean of both ways. Over 40 seeds,
 * with 1,000 items of each kind and 20 notes of noise, it had a standard deviation of 0.019 around 0.4985.
 */
export function tellApart(
  notes: readonly Notes[],
  isAudit: readonly boolean[],
  random: () => number,
): Verdict {
  const features = featuresOf(notes);
  const halves = halvesOf(isAudit, random);
  const aurocs = [0, 1].map((held) => {
    const score = boost(features, isAudit, halves[1 - held]!);
    return auroc(halves[held]!, score, isAudit);
  });
  const all = isAudit.map((_, i) => i);
  const alone = [...features].map(([name, values]) => ({
    name,
    one: auroc(all, (i) => values[i]!, isAudit),
  }));
  alone.sort((a, b) => Math.abs(b.one - 0.5) - Math.abs(a.one - 0.5));
  return {
    auroc: (aurocs[0]! + aurocs[1]!) / 2,
    loudest: alone.slice(0, 5).map(({ name, one }) => `${name} (${one.toFixed(3)})`),
  };
}

/** A number of every item for each note that is not the same of all. */
function featuresOf(notes: readonly Notes[]): Map<string, Float64Array> {
  const names = new Set(notes.flatMap((one) => [...one.keys()]));
  const features = new Map<string, Float64Array>();
  const add = (name: string, valueOf: (one: Notes) => number): void => {
    const values = Float64Array.from(notes, valueOf);
    if (values.some((value) => value !== values[0])) features.set(name, values);
  };
  for (const name of names) {
    add(`${name} is there`, (one) => (one.has(name) ? 1 : 0));
    const values = notes.map((one) => one.get(name));
    if (values.some((value) => typeof value === 'number')) add(name, (one) => numberOf(one.get(name)));
    const words = new Map<string, number>();
    for (const value of values) if (typeof value === 'string') words.set(value, (words.get(value) ?? 0) + 1);
    const common = [...words].filter(([, count]) => count > 1).sort(([, a], [, b]) => b - a);
    for (const [word] of common.slice(0, MOST_WORDS))
      add(`${name} is ${word.slice(0, 40)}`, (one) => (one.get(name) === word ? 1 : 0));
  }
  return features;
}

function numberOf(value: number | string | undefined): number {
  return typeof value === 'number' && !Number.isNaN(value) ? value : -1;
}

/** Two halves with as many of each kind. */
function halvesOf(isAudit: readonly boolean[], random: () => number): readonly [number[], number[]] {
  const halves: [number[], number[]] = [[], []];
  for (const kind of [true, false]) {
    const those = isAudit.flatMap((one, i) => (one === kind ? [{ i, at: random() }] : []));
    those.sort((a, b) => a.at - b.at);
    for (const [place, { i }] of those.entries()) halves[place % 2]!.push(i);
  }
  return halves;
}

interface Stump {
  readonly values: Float64Array;
  readonly cut: number;
  /** What is added above the cut, and taken away below it. */
  readonly vote: number;
}

/** AdaBoost of stumps, learnt from `items`; gives the score of any item. */
function boost(
  features: ReadonlyMap<string, Float64Array>,
  isAudit: readonly boolean[],
  items: readonly number[],
): (i: number) => number {
  const weights = new Float64Array(items.length).fill(1 / items.length);
  const candidates = [...features.values()].flatMap((values) =>
    cutsOf(items.map((i) => values[i]!)).map((cut) => ({ values, cut })),
  );
  const stumps: Stump[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let best: Stump | null = null;
    let bestEdge = 0;
    for (const { values, cut } of candidates) {
      let edge = 0;
      for (let k = 0; k < items.length; k++) {
        const i = items[k]!;
        edge += values[i]! > cut === isAudit[i]! ? weights[k]! : -weights[k]!;
      }
      if (Math.abs(edge) > Math.abs(bestEdge)) {
        bestEdge = edge;
        best = { values, cut, vote: 0 };
      }
    }
    if (best === null) break;
    const edge = Math.max(-0.999, Math.min(0.999, bestEdge));
    const stump = { ...best, vote: 0.5 * Math.log((1 + edge) / (1 - edge)) };
    stumps.push(stump);
    let sum = 0;
    for (let k = 0; k < items.length; k++) {
      const i = items[k]!;
      const right = stump.values[i]! > stump.cut === isAudit[i]!;
      weights[k] = weights[k]! * Math.exp(right ? -stump.vote : stump.vote);
      sum += weights[k]!;
    }
    for (let k = 0; k < items.length; k++) weights[k] = weights[k]! / sum;
  }
  return (i) => stumps.reduce((score, { values, cut, vote }) => score + (values[i]! > cut ? vote : -vote), 0);
}

/** Cuts between values, at equal shares of the items. */
function cutsOf(values: readonly number[]): readonly number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const cuts = new Set<number>();
  for (let k = 1; k <= CUTS; k++) cuts.add(sorted[Math.floor((k * (sorted.length - 1)) / (CUTS + 1))]!);
  return [...cuts].filter((cut) => cut < sorted.at(-1)!);
}

/** P(an audit scores higher than another item), ties half (Mann & Whitney 1947). */
export function auroc(
  items: readonly number[],
  score: (i: number) => number,
  isAudit: readonly boolean[],
): number {
  const ordered = items
    .map((i) => ({ score: score(i), audit: isAudit[i]! }))
    .sort((a, b) => a.score - b.score);
  let rankSum = 0;
  let audits = 0;
  for (let from = 0; from < ordered.length;) {
    let to = from + 1;
    while (to < ordered.length && ordered[to]!.score === ordered[from]!.score) to++;
    for (let k = from; k < to; k++) {
      if (!ordered[k]!.audit) continue;
      rankSum += (from + to + 1) / 2;
      audits++;
    }
    from = to;
  }
  const others = ordered.length - audits;
  return (rankSum - (audits * (audits + 1)) / 2) / (audits * others);
}
