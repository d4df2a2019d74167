import type { Engine } from '../engine/engine.ts';
import type { Outcome } from '../engine/outcome.ts';
import { EngineError } from '../engine/engine-error.ts';
import { decide } from '../gate/decide.ts';
import type { Gate } from '../gate/gate.ts';
import { servedSignals } from '../gate/served-score.ts';
import { imageTypeOf } from '../model/decode.ts';
import { ImageError } from '../model/image-error.ts';
import type { Model } from '../model/load.ts';
import type { Pixels } from '../model/preprocess.ts';
import type { Estimate } from '../engine/job.ts';
import type { Measurement } from '../numerics/jacobian/measurement.ts';
import { defaultFamily } from '../numerics/jacobian/transforms.ts';
import type { Json } from '../store/json.ts';
import { isInReview, type PredictionRecord } from '../store/prediction-record.ts';
import type { StoredPrediction } from '../store/review-status.ts';
import type { Store } from '../store/store.ts';
import { createAdmission } from './admission.ts';
import type { Answer } from './answer.ts';
import { type Audit, isAudited } from './audit.ts';
import { createMaps } from './sensitivity-map.ts';
import { type Procedure, procedureOf, hashPixels, measurePixels } from './measure-pixels.ts';
import { createPredictOnce, type Unrecorded } from './predict-once.ts';
import type { PredictOptions, Predictor } from './predictor.ts';

/** Largest D whose exact Jacobian is computed on request: 1 + 2D forward passes. */
export const EXACT_DIMENSION_LIMIT = 4096;

/** Labels named in an answer, most probable first. */
const TOP = 5;

export interface PredictorDeps {
  readonly model: Model;
  readonly decode: (bytes: Uint8Array) => Promise<Pixels>;
  readonly engine: Engine;
  /** The gate in use now; asked once for each request. */
  readonly gate: () => Gate | null;
  readonly store: Pick<Store, 'records' | 'images'>;
  readonly deadlineMs: number;
  readonly audit: Audit;
  readonly newId: () => string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly onPrediction: (answer: Answer, passes: number) => void;
}

interface Measured {
  readonly pixels: Pixels;
  readonly inputHash: string;
  readonly decodeMs: number;
  /** By the gate's plan: what decides. */
  readonly outcome: Outcome<Estimate>;
  /** Asked for on top; null where it was not. */
  readonly exact: Outcome<Measurement> | null;
}

/** The service's one main function: image bytes to a measured, decided and recorded answer. */
export function createPredictor(deps: PredictorDeps): Predictor {
  const { model, decode, engine, store } = deps;
  const maps = createMaps(deps);
  const admission = createAdmission(() => performance.now());
  /** Measurements that are admitted and whose images are still being decoded. */
  let decoding = 0;

  const decodeAll = (images: readonly Uint8Array[]): Promise<{ pixels: Pixels; decodeMs: number }[]> =>
    Promise.all(
      images.map(async (bytes, position) => {
        const began = performance.now();
        try {
          return { pixels: await decode(bytes), decodeMs: performance.now() - began };
        } catch (error) {
          if (error instanceof ImageError) throw new ImageError(error.code, error.message, position);
          throw error;
        }
      }),
    );

  const measure = async (
    { pixels, decodeMs }: { pixels: Pixels; decodeMs: number },
    options: PredictOptions,
    procedure: Procedure,
  ): Promise<Measured> => {
    const deadlineMs = options.deadlineMs ?? deps.deadlineMs;
    const inputHash = hashPixels(pixels);
    const transforms = options.transforms ? defaultFamily(model.manifest.mirror_keeps_label) : null;
    const [outcome, exact] = await Promise.all([
      measurePixels(engine, pixels, inputHash, model.digest, procedure, deadlineMs, transforms),
      options.method === 'exact' ? engine.measure(pixels, { kind: 'exact' }, deadlineMs) : null,
    ]);
    return { pixels, inputHash, decodeMs, outcome, exact };
  };

  const unrecorded = (image: Uint8Array, measured: Measured, gate: Gate | null): Unrecorded => {
    const { outcome, exact, inputHash, decodeMs } = measured;
    const answer = answerOf(deps.newId(), measured, model, gate);
    const automatic = answer.decision === 'auto';
    const audited = automatic && isAudited(inputHash, deps.audit);
    const prediction: PredictionRecord = {
      id: answer.id,
      createdMs: deps.now(),
      inputHash,
      modelDigest: model.digest,
      gateId: gate?.id ?? null,
      decision: answer.decision,
      // The caller is not told of an audit, or it would be no test of what the caller gets.
      reasons: audited ? ['audit'] : answer.reasons,
      inclusionProbability: automatic ? deps.audit.rate : 1,
      predictedLabel: answer.prediction?.label ?? null,
      priority: priorityOf(answer),
      answer: answer as unknown as { [key: string]: Json },
    };
    const contentType = imageTypeOf(image) ?? 'application/octet-stream';
    const recorded = (storeMs: number): Answer => {
      const timing_ms = {
        decode: round(decodeMs),
        queue: round(outcome.queueMs),
        compute: round(exact ? Math.max(outcome.computeMs, exact.computeMs) : outcome.computeMs),
        store: round(storeMs),
      };
      const timed = { ...answer, timing_ms };
      deps.onPrediction(timed, (outcome.result?.passes ?? 0) + (exact?.result?.passes ?? 0));
      return timed;
    };
    const kept = isInReview(prediction) ? { bytes: image, contentType } : null;
    return { recording: { prediction, image: kept }, recorded };
  };

  const prepare = async (
    images: readonly Uint8Array[],
    options: PredictOptions,
  ): Promise<readonly Unrecorded[]> => {
    // Whatever becomes the gate meanwhile, this request is measured and decided by this one.
    const gate = deps.gate();
    const procedure = procedureOf(gate);
    if (options.method === 'exact' && model.dimension > EXACT_DIMENSION_LIMIT) {
      throw new EngineError(
        'input_too_large_for_exact',
        `the exact Jacobian of ${model.dimension} inputs takes ${1 + 2 * model.dimension} forward passes; ` +
          `the limit is ${EXACT_DIMENSION_LIMIT} inputs. Leave out method=exact.`,
      );
    }
    const work = images.length * (options.method === 'exact' ? 2 : 1);
    // Before decoding, which under too much load would be most of what is done for those that are then refused.
    engine.admit(work, decoding);
    const leave = admission.enter(images.length, options.deadlineMs ?? deps.deadlineMs);
    try {
      decoding += work;
      const decoded = await decodeAll(images).finally(() => {
        decoding -= work;
      });
      engine.admit(work);
      const measured = await Promise.all(
        decoded.map((one) =>
          measure(one, options, procedure).finally(() => {
            leave(1);
          }),
        ),
      );
      return measured.map((one, i) => unrecorded(images[i]!, one, gate));
    } finally {
      leave();
    }
  };

  const record = async ({ recording, recorded }: Unrecorded): Promise<Answer> => {
    const began = performance.now();
    await store.records.record(recording.prediction, recording.image);
    return recorded(performance.now() - began);
  };

  return {
    predict: async (images, options) => Promise.all((await prepare(images, options)).map(record)),
    predictOnce: createPredictOnce(store.records, prepare),
    find: async (id) => {
      const stored = await store.records.find(id);
      return stored && currentAnswer(stored);
    },
    sensitivityMap: maps,
  };
}

/** Where the sensitivity is not a number, nothing could be more urgent. */
function priorityOf({ signals }: Answer): number {
  const { sensitivity = NaN } = signals;
  return Number.isFinite(sensitivity) ? sensitivity : Number.MAX_VALUE;
}

/** The stored answer with what people have made of it since. */
export function currentAnswer({ prediction, review }: StoredPrediction): Answer {
  // The queue gives back what `record` above gave to it.
  const answer = prediction.answer as unknown as Answer;
  if (review === null) return answer;
  const { state, label, reviewer } = review;
  // The machine's label stands while nobody has audited it.
  if (prediction.decision === 'auto' && label === null) return answer;
  const by = label !== null && reviewer !== null ? { labelled_by: reviewer } : {};
  return {
    ...answer,
    label,
    review: { id: prediction.id, href: `/v1/reviews/${prediction.id}`, state, ...by },
  };
}

function answerOf(id: string, { outcome, exact }: Measured, model: Model, gate: Gate | null): Answer {
  const measurement = outcome.result;
  const signals = measurement && servedSignals(gate, measurement);
  const { decision, reasons } = decide(
    measurement && signals
      ? { signals, verdict: measurement.verdict }
      : (outcome.failure ?? 'not_measurable'),
    gate,
  );
  const shown = exact?.result ?? measurement;
  const label = measurement && model.manifest.labels[measurement.predicted]!;
  return {
    id,
    decision,
    reasons,
    label: decision === 'auto' ? label : null,
    prediction: measurement && {
      label: label!,
      index: measurement.predicted,
      probability: measurement.probabilities[measurement.predicted]!,
      top: topLabels(measurement.probabilities, model.manifest.labels),
    },
    sensitivity: shown && {
      value: shown.sensitivity,
      interval: shown.interval,
      confidence: shown.confidence,
      probes: shown.probes,
      method: shown.method,
      ...(shown.asymmetry === null ? {} : { asymmetry: shown.asymmetry }),
    },
    signals: signals ? { ...signals } : {},
    gate: gate && { id: gate.id, signal: gate.signal, threshold: gate.threshold },
    model: { name: model.manifest.name, digest: model.digest },
    review: decision === 'review' ? { id, state: 'pending', href: `/v1/reviews/${id}` } : null,
  };
}

function topLabels(p: Float64Array, labels: readonly string[]): { label: string; probability: number }[] {
  const best: number[] = [];
  for (let c = 0; c < p.length; c++) {
    let place = best.length;
    while (place > 0 && p[best[place - 1]!]! < p[c]!) place--;
    if (place < TOP) {
      best.splice(place, 0, c);
      if (best.length > TOP) best.pop();
    }
  }
  return best.map((c) => ({ label: labels[c]!, probability: p[c]! }));
}

/** To a hundredth of a millisecond. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
