import type { DatasetProblem } from '../../dataset/dataset.ts';
import { splitHash } from '../../dataset/split.ts';
import type { Calibration } from '../../gate/calibration.ts';
import type { GateFile } from '../../gate/gate.ts';
import type { MeasurementPlan } from '../../gate/measurement-plan.ts';
import { reviewScore, type SignalName } from '../../gate/signals/registry.ts';
import { servedSignals } from '../../gate/served-score.ts';
import type { RiskModel } from '../../gate/signals/risk-model.ts';
import type { Model } from '../../model/load.ts';
import type { MeasuredImage } from '../measuring/measured-image.ts';
import { referenceOf } from './reference.ts';
import type { CalibrationOutcome, Goal, ScoredImage } from './choose-rule.ts';

/** What a gate is made of, beside the threshold and what is proven of it. */
export interface GateParts {
  readonly signal: SignalName;
  readonly plan: MeasurementPlan;
  readonly risk: RiskModel | null;
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

/** Shares at which the distribution of sensitivities is kept. */
const QUANTILES = Array.from({ length: 101 }, (_, i) => i / 100);

/** The gate file that says what was proven; null where nothing was. */
export function makeGate(outcome: CalibrationOutcome, parts: GateParts): GateFile | null {
  const { signal, plan, risk, floor, model, goal, problems } = parts;
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
    show_prediction: true,
    model: { name: model.manifest.name, digest: model.digest },
    measurement: plan,
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
      sensitivity_quantiles: quantilesOf(parts.learning),
      reference: referenceOf(
        parts.proving.map(({ estimate }) => ({
          unfamiliar: null,
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

function quantilesOf(images: readonly MeasuredImage[]): [number, number][] {
  const sorted = Float64Array.from(images, ({ estimate }) => estimate.sensitivity).sort();
  return QUANTILES.map((share) => [share, sorted[Math.round(share * (sorted.length - 1))]!]);
}
