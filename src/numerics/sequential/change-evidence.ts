/** Odds of an event after a change, as multiples of those that it may have at the most. */
const ODDS_RATIOS = [1.3, 2, 4, 12, 60] as const;
/** Place of the one by which is told when a change began. */
const TELLING = 1;

/** An event of each image that a change would make more frequent. */
export interface WatchedEvent {
  /** Its probability before a change is at most this, in (0, 1). */
  readonly limit: number;
  /** Its part of the evidence; those of all events add up to 1 at most. */
  readonly weight: number;
}

/** What carries most of the evidence. */
export interface Strongest {
  /** Place among the events. */
  readonly event: number;
  /** When the change began, as far as this event tells: the time of the first image of it. */
  readonly since: number;
  /** Images from that one on. */
  readonly images: number;
  /** How many of them had it. */
  readonly happened: number;
}

/** Numbers only, so that it can be written down and read again. */
export interface EvidenceState {
  readonly images: number;
  readonly evidence: readonly number[];
  readonly runs: readonly number[];
  readonly since: readonly number[];
  readonly seen: readonly number[];
  readonly hits: readonly number[];
}

/** Evidence that events are more frequent than they may be, since some image that nobody knows. */
export interface ChangeEvidence {
  /** Images seen. */
  readonly images: number;
  /**
   * At most `T` on average after T images before a change, so that it reaches `a` within T images with
   * probability T ∕ a at most.
   */
  readonly value: number;
  /**
   * @param happened For each event whether it happened with this image.
   * @param time Of the image, in any unit.
   */
  observe(happened: (event: number) => boolean, time: number): void;
  /** Null before the first image. */
  readonly strongest: Strongest | null;
  readonly state: EvidenceState;
}

/**
 * A Shiryaev–Roberts sum of likelihood ratios, mixed over events and over how much more frequent each may
 * have become: R ← (R + 1)·Λ, Λ = (q∕p)^x·((1−q)∕(1−p))^(1−x), p the event's limit and q more than p.
 *
 * As long as no event is likelier than its limit, given all before, E[Λ] ≤ 1, so R − T is a supermartingale,
 * and P(max R ≥ a within T images) ≤ T ∕ a (Doob). Several of them, of several streams or processes, have
 * this together, T counting the images of all. After a change it grows exponentially whenever the change
 * comes, because each image is a possible beginning.
 *
 * Cost: O(events) an image.
 *
 * @throws RangeError unless limits lie in (0, 1)
 * @see Shiryaev (1963), Theory Probab. Appl. 8(1); Pollak (1985), Ann. Stat. 13(1); with a reference set that
 *   is finite: Shaer, Bar, Prinster, Romano (2026), arXiv 2602.13848
 */
export function createChangeEvidence(
  events: readonly WatchedEvent[],
  from: EvidenceState | null = null,
): ChangeEvidence {
  const ratios = ODDS_RATIOS.length;
  const size = events.length * ratios;
  const [up, down, weights] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  for (const [i, { limit, weight }] of events.entries()) {
    if (!(limit > 0 && limit < 1)) throw new RangeError(`expected a limit in (0, 1), got ${limit}`);
    for (const [k, ratio] of ODDS_RATIOS.entries()) {
      const q = (ratio * limit) / (1 - limit + ratio * limit);
      up[i * ratios + k] = q / limit;
      down[i * ratios + k] = (1 - q) / (1 - limit);
      weights[i * ratios + k] = weight / ratios;
    }
  }
  const isOfThese = from?.evidence.length === size;
  let images = isOfThese ? from.images : 0;
  const evidence = Float64Array.from(isOfThese ? from.evidence : new Float64Array(size));
  // Of each event the likelihood ratio since the image before which it was least, that image's time, and how
  // many images there were since then and how many had the event.
  const runs = Float64Array.from(isOfThese ? from.runs : new Float64Array(events.length));
  const since = Float64Array.from(isOfThese ? from.since : new Float64Array(events.length));
  const seen = Float64Array.from(isOfThese ? from.seen : new Float64Array(events.length));
  const hits = Float64Array.from(isOfThese ? from.hits : new Float64Array(events.length));
  let value = sumOf(evidence, weights);

  return {
    get images() {
      return images;
    },
    get value() {
      return value;
    },
    observe: (happened, time) => {
      value = 0;
      for (let i = 0, c = 0; i < events.length; i++) {
        const hit = happened(i);
        const factors = hit ? up : down;
        const run = runs[i]!;
        if (run <= 1) {
          since[i] = time;
          seen[i] = 0;
          hits[i] = 0;
        }
        seen[i]!++;
        if (hit) hits[i]!++;
        runs[i] = Math.max(1, run) * factors[c + TELLING]!;
        for (let k = 0; k < ratios; k++, c++) {
          const grown = (evidence[c]! + 1) * factors[c]!;
          evidence[c] = grown;
          value += weights[c]! * grown;
        }
      }
      images++;
    },
    get strongest() {
      if (images === 0) return null;
      let best = 0;
      for (let c = 1; c < size; c++) {
        if (weights[c]! * evidence[c]! > weights[best]! * evidence[best]!) best = c;
      }
      const event = Math.floor(best / ratios);
      return { event, since: since[event]!, images: seen[event]!, happened: hits[event]! };
    },
    get state() {
      return {
        images,
        evidence: [...evidence],
        runs: [...runs],
        since: [...since],
        seen: [...seen],
        hits: [...hits],
      };
    },
  };
}

function sumOf(evidence: Float64Array, weights: Float64Array): number {
  return evidence.reduce((sum, one, c) => sum + one * weights[c]!, 0);
}

/**
 * Images after a change until the evidence of one event reaches `threshold`, about: the threshold's logarithm
 * over the mean that an image adds. Infinity where the rate is too little above the limit.
 *
 * @param rate The event's probability after the change.
 */
export function imagesToTell(rate: number, { limit, weight }: WatchedEvent, threshold: number): number {
  const gains = ODDS_RATIOS.map((ratio) => {
    const q = (ratio * limit) / (1 - limit + ratio * limit);
    return rate * Math.log(q / limit) + (1 - rate) * Math.log((1 - q) / (1 - limit));
  });
  const gain = gains.reduce((a, b) => Math.max(a, b), 0);
  return gain > 0 ? Math.log((threshold * ODDS_RATIOS.length) / weight) / gain : Infinity;
}
