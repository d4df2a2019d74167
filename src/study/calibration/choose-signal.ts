/**
 * Which signal a gate ranks by: the one that lets most images through at what is promised, as far as the fit
 * images tell, where passes that cost more must pay.
 */
import { bootstrapMetrics, differenceInterval } from '../../numerics/ranking/bootstrap.ts';
import { createUniform } from '../../numerics/random.ts';
import { rankByScore } from '../../numerics/ranking/ranking.ts';
import { rankingMetrics } from '../../numerics/ranking/ranking-metrics.ts';
import { certifyThreshold, coverageRiskBound } from '../../numerics/risk/risk-control.ts';
import { largest } from '../../numerics/extremes.ts';
import type { SignalName } from '../../gate/signals/registry.ts';
import { chooseRule, eligible, type Goal, type ScoredImage } from './choose-rule.ts';

/** A signal by which a gate might rank, and its fit images as that gate would score them. */
export interface Candidate {
  readonly signal: SignalName;
  /** In one order for all candidates. */
  readonly images: readonly ScoredImage[];
  /** Of each, its score with all its copies measured. */
  readonly scores: readonly number[];
  /** Whether a gate on it needs a confidence floor. */
  readonly withFloor: boolean;
  /** Passes for copies, of an image whose own answer leaves it open. */
  readonly furtherPasses: number;
}

/** How a signal does on the fit images. */
export interface Standing {
  readonly signal: SignalName;
  /**
   * Mean share of images that one half of the fit images certifies by what the other half chooses, at the
   * risk that is promised; for a promise of coverage, the mean share of right automatic labels.
   */
  readonly coverage: number;
  readonly further_passes: number;
  /** Area under the generalised risk–coverage curve (Traub et al. 2024); less is better. */
  readonly augrc: number;
  /** Of this one's less the first one's, over the same resamples, at 95% confidence. */
  readonly behind: readonly [number, number];
}

const RESAMPLES = 1000;
const SEED = Uint32Array.of(20, 24, 7, 1);
/** Times that the fit images are halved; each half chooses once and proves once. */
const HALVINGS = 4;
const HALVING_SEED = Uint32Array.of(20, 26, 11, 28);
/** Coverage that each further pass must buy. */
const PRICE = 0.01;
/** Coverage by which two signals are no different. */
const TIE = 0.002;

/**
 * Compares signals, the one to rank by first: that with the most coverage, where further passes pay; then the
 * others by their coverage less what their passes cost.
 *
 * @throws RangeError without a candidate
 */
export function compareSignals(candidates: readonly Candidate[], goal: Goal): readonly Standing[] {
  const halvings = halvingsOf(candidates[0]?.images.length ?? 0);
  const compared = candidates.map((candidate) => {
    const { signal, furtherPasses } = candidate;
    const ranking = rankingOf(candidate);
    return {
      ...{ signal, ranking, furtherPasses },
      augrc: rankingMetrics(ranking).augrc,
      ...coverageOf(crossCertified(candidate, halvings, goal)),
    };
  });
  const chosen = choose(compared);
  const worth = ({ coverage, furtherPasses }: Compared): number => coverage - PRICE * furtherPasses;
  const ranked = compared.sort((a, b) => {
    if (a === chosen || b === chosen) return a === chosen ? -1 : 1;
    return worth(b) - worth(a) || a.augrc - b.augrc;
  });
  const replicates = bootstrapMetrics(
    ranked.map(({ ranking }) => ranking),
    RESAMPLES,
    createUniform(SEED),
  );
  return ranked.map(({ signal, augrc, coverage, furtherPasses }, place) => ({
    ...{ signal, coverage, further_passes: furtherPasses, augrc },
    behind: differenceInterval(replicates, place, 0, 'augrc', 0.95),
  }));
}

interface Compared {
  readonly coverage: number;
  /** Of each half by itself. */
  readonly coverages: readonly number[];
  readonly furtherPasses: number;
  readonly augrc: number;
}

/**
 * From those without a further pass on: one with more of them takes the place of the one before only where it
 * pays for each, and by more than its halves differ. Of those with equally many, the least AUGRC among the
 * best.
 */
function choose<T extends Compared>(compared: readonly T[]): T | undefined {
  const byPasses = [...Map.groupBy(compared, ({ furtherPasses }) => furtherPasses)].sort(([a], [b]) => a - b);
  let chosen: T | undefined;
  for (const [passes, some] of byPasses) {
    const most = largest(some.map(({ coverage }) => coverage));
    const tied = some.filter(({ coverage }) => coverage >= most - TIE).sort((a, b) => a.augrc - b.augrc);
    const best = tied[0]!;
    const price = PRICE * (passes - (chosen?.furtherPasses ?? 0));
    if (chosen === undefined || gainOf(best, chosen) >= price) chosen = best;
  }
  return chosen;
}

/** Coverage that one signal has over another; none where one half's difference may be as large by chance. */
function gainOf({ coverages }: Compared, { coverages: before }: Compared): number {
  const gains = coverages.map((coverage, i) => coverage - before[i]!);
  const mean = gains.reduce((sum, gain) => sum + gain / gains.length, 0);
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  return mean > Math.sqrt(squares / (gains.length - 1)) ? mean : 0;
}

function coverageOf(coverages: readonly number[]): Pick<Compared, 'coverage' | 'coverages'> {
  return { coverage: coverages.reduce((sum, one) => sum + one / coverages.length, 0), coverages };
}

function rankingOf({ images, scores }: Candidate): ReturnType<typeof rankByScore> {
  return rankByScore(
    // What was never decided is reviewed last.
    Float64Array.from(scores, (score) => Math.min(score, Number.MAX_VALUE)),
    images.map(({ wrong }) => wrong),
  );
}

/** Halves of as many images, by place: the same for every signal. */
function halvingsOf(count: number): readonly Uint8Array[] {
  const random = createUniform(HALVING_SEED);
  return Array.from({ length: HALVINGS }, () => {
    const half = new Uint8Array(count).fill(1, 0, count >> 1);
    for (let i = count - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [half[i], half[j]] = [half[j]!, half[i]!];
    }
    return half;
  });
}

function crossCertified(
  { images, withFloor }: Candidate,
  halvings: readonly Uint8Array[],
  goal: Goal,
): readonly number[] {
  return halvings.flatMap((half) =>
    [0, 1].map((side) =>
      certifiedShare(
        images.filter((_, i) => half[i] === side),
        images.filter((_, i) => half[i] !== side),
        withFloor,
        goal,
      ),
    ),
  );
}

/** What `proving` certifies of the rule that `choosing` chooses. */
function certifiedShare(
  choosing: readonly ScoredImage[],
  proving: readonly ScoredImage[],
  withFloor: boolean,
  goal: Goal,
): number {
  if (choosing.length === 0 || !choosing.some(({ admitted, score }) => admitted && Number.isFinite(score)))
    return 0;
  const { floor, thresholds } = chooseRule(choosing, proving.length, withFloor, goal);
  const images = eligible(proving, floor);
  if (thresholds.length === 0 || images.length === 0) return 0;
  const delta = 1 - goal.confidence;
  if (goal.method === 'coverage') {
    const { accepted, errors } = coverageRiskBound(images, thresholds[0]!, delta);
    return (accepted - errors) / images.length;
  }
  return certifyThreshold(thresholds, images, { risk: goal.risk, delta })?.coverage ?? 0;
}
