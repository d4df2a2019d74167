import type { DatasetProblem } from '../../dataset/dataset.ts';
import { splitHash } from '../../dataset/split.ts';
import type { Calibration } from '../../gate/calibration.ts';
import type { Familiarity } from '../../gate/familiarity.ts';
import type { GateFile } from '../../gate/gate.ts';
import { quantilesOf, rankedBy } from '../../gate/queue-order.ts';
import { familiarTo, isFamiliar, type Ranking, sensitivityScore, servedSignals } from '../../gate/rule.ts';
import { reviewScore } from '../../gate/signals/registry.ts';
import type { Model } from '../../model/load.ts';
import type { MeasuredImage } from '../measuring/measured-image.ts';
import { referenceOf } from './reference.ts';
import type { CalibrationOutcome, Goal, ScoredImage } from './choose-rule.ts';
import { type Part, partsOfRule } from '../../gate/parts-of-rule.ts';

/** What a gate is made of, beside the threshold and what is proven of it. */
export interface GateParts {
  readonly ranking: Ranking;
  readonly limit: number | null;
  readonly familiarity: Familiarity | null;
  readonly floor: number | null;
  readonly model: Model;
  readonly goal: Goal;
  /** The fit images as they taught the prior, and as they were scored. */
  readonly learning: readonly MeasuredImage[];
  readonly fit: readonly ScoredImage[];
  /** The certification images as they were measured, and as they were scored. */
  readonly proving: readonly MeasuredImage[];
  readonly certification: readonly ScoredImage[];
  readonly problems: readonly DatasetProblem[];
  readonly data: string;
  readonly created: string;
  readonly tool: string;
}

/** The gate file that says what was proven; null where nothing was. */
export function makeGate(outcome: CalibrationOutcome, parts: GateParts): GateFile | null {
  const { ranking, limit, familiarity, floor, model, goal, problems, learning } = parts;
  const { signal, plan, risk } = ranking;
  const proven =
    outcome.outcome === 'certified' ? outcome : outcome.outcome === 'covered' ? outcome.proven : null;
  if (proven === null) return null;
  const kinds = [...new Set(problems.map(({ kind }) => kind))].sort();
  return {
    format: 1,
    signal,
    // reviewScore is its own inverse.
    threshold: reviewScore(signal, proven.threshold),
    confidence_floor: floor,
    sensitivity_limit: limit,
    familiarity,
    show_prediction: true,
    model: { name: model.manifest.name, digest: model.digest },
    measurement: { ...plan, statistics: familiarity !== null },
    risk,
    calibration: {
      method: goal.method,
      target: {
        risk: goal.method === 'fixed_sequence' ? goal.risk : null,
        coverage: goal.method === 'coverage' ? goal.coverage : null,
      },
      proven: { risk: proven.risk, confidence: goal.confidence },
      fit: splitOf(parts.learning, parts.fit),
      certification: {
        ...splitOf(parts.proving, parts.certification),
        accepted: proven.accepted,
        errors_accepted: proven.errors,
        pointwise_bound: outcome.outcome === 'certified' ? outcome.pointwiseBound : proven.risk,
      },
      sensitivity_quantiles: quantilesOf(learning.map(({ estimate }) => estimate.sensitivity)),
      rank_quantiles: quantilesOf(
        learning.map(({ estimate }) => rankedBy({ signal }, servedSignals(ranking, estimate))),
      ),
      doubt_quantiles: quantilesOf(parts.fit.map(({ confidence }) => 1 - confidence)),
      parts: partsOf(parts, proven.threshold),
      reference: referenceOf(
        parts.proving.map(({ estimate }) => ({
          unfamiliar: familiarity && !isFamiliar({ familiarity }, familiarTo({ familiarity }, estimate)),
          signals: servedSignals({ signal, risk }, estimate),
          predicted: estimate.predicted,
        })),
        [signal, 'sensitivity', 'confidence'],
        model.classes,
      ),
      left_out: Object.fromEntries(
        kinds.map((kind) => [kind, problems.filter((problem) => problem.kind === kind).length]),
      ),
      data: parts.data,
      created: parts.created,
      tool: parts.tool,
    },
  };
}

function splitOf(images: readonly MeasuredImage[], scored: readonly ScoredImage[]): Calibration['fit'] {
  return {
    images: images.length,
    errors: scored.filter(({ wrong }) => wrong).length,
    hash: splitHash(images),
  };
}

/** What each part of the rule sends of the certification images. */
function partsOf(
  { ranking, limit, familiarity, floor, proving, certification }: GateParts,
  threshold: number,
) {
  const images = certification.map(({ score, confidence, wrong }, i) => ({
    kept: {
      rank: score <= threshold,
      sensitivity: limit === null || sensitivityScore(ranking.plan, proving[i]!.estimate) <= limit,
      confidence: floor === null || confidence >= floor,
      familiarity: isFamiliar({ familiarity }, familiarTo({ familiarity }, proving[i]!.estimate)),
    },
    wrong,
  }));
  const there = {
    rank: true,
    sensitivity: limit !== null,
    confidence: floor !== null,
    familiarity: familiarity !== null,
  };
  return partsOfRule(
    images,
    (Object.keys(there) as Part[]).filter((part) => there[part]),
  );
}
