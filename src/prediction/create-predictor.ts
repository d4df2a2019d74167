import type { Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/engine-error.ts';
import type { Outcome } from '../engine/outcome.ts';
import type { Gate } from '../gate/gate.ts';
import { reviewPriority } from '../gate/queue-order.ts';
import type { Decoded } from '../model/decode.ts';
import type { Model } from '../model/load.ts';
import { defaultFamily } from '../numerics/jacobian/transforms.ts';
import type { PredictionRecord } from '../store/prediction-record.ts';
import type { StoredPrediction } from '../store/review-status.ts';
import type { Store } from '../store/store.ts';
import { type StreamGroupOf, streamGroups } from '../store/stream-group.ts';
import { createAdmission } from './admission.ts';
import type { Answer } from './answer.ts';
import type { KeepImage } from './clean-image.ts';
import { composeAnswer, type MeasuredOutcomes } from './compose-answer.ts';
import { answersOf, createDecideOnce, fingerprintOf, type Unrecorded } from './decide-once.ts';
import { type DecidedImage, decidedImage, withoutTrust } from './decided-image.ts';
import { createDecodeTurns, type DearPlaces } from './decode-turns.ts';
import { countSlow, createReadInputs, type ReadInput } from './inputs.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { type Procedure, procedureOf, measureInput } from './measure-input.ts';
import type { DecideOptions, DecideRequest, Predictor } from './predictor.ts';
import { sameKeyOf } from './same-key.ts';
import { createMaps } from './sensitivity-map.ts';
import { decodeAnswer, encodeAnswer, firstAnswer } from './stored-answer.ts';

/** Largest D whose exact Jacobian is computed on request: 1 + 2D forward passes. */
const EXACT_DIMENSION_LIMIT = 4096;

export interface PredictorDeps {
  readonly model: Model;
  readonly decode: (bytes: Uint8Array, signal: AbortSignal) => Promise<Decoded>;
  /** Where images are decoded that take more than a moment; one at a time where absent. */
  readonly dearPlaces?: DearPlaces;
  readonly keepImage?: KeepImage;
  readonly engine: Engine;
  /** The gate in use now; asked once for each request. */
  readonly gate: () => Gate | null;
  /** Whether people get what that gate decides in that stream; asked once an input is measured. */
  readonly isClosed?: (gateId: string, stream: string | null) => boolean;
  readonly store: Pick<Store, 'records' | 'images'>;
  readonly deadlineMs: number;
  /** Measurements that may be open at once. */
  readonly queueLimit: number;
  /** Whether an image that waits for a person already gets no second item. */
  readonly joinSame: boolean;
  /** The group of a stream, within which audits are drawn; all are one where absent. */
  readonly streamGroup?: StreamGroupOf;
  /** Draws audits from automatic answers. */
  readonly kept: Pick<KeptAnswers, 'chanceOf' | 'add'>;
  readonly newId: () => string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly onPrediction: (answer: Answer, passes: number) => void;
  /** Told of each image that a gate has decided and that is recorded; must take no time. */
  readonly onDecided?: (image: DecidedImage) => void;
  /** Whether people get all images of a group of streams, because they are unlike calibration's. */
  readonly isMistrusted?: (group: string) => boolean;
}

/** Time from the call on, which reading, waiting and measuring share. */
interface Clock {
  readonly leftMs: (limitMs: number) => number;
}

/** The service's one main function: inputs to measured, decided and recorded answers. */
export function createPredictor(deps: PredictorDeps): Predictor {
  const { model, engine, store } = deps;
  const admission = createAdmission({
    queueLimit: deps.queueLimit,
    unavailable: () => engine.unavailable,
    now: () => performance.now(),
  });
  const turns = createDecodeTurns(deps.dearPlaces);
  const readInputs = createReadInputs({ ...deps, turns });
  const streamGroup = deps.streamGroup ?? streamGroups([]);
  const decideOnce = createDecideOnce(store.records);
  const isClosed = (gate: Gate | null, stream: string | null): boolean =>
    gate !== null && (deps.isClosed?.(gate.id, stream) ?? false);

  const measure = async (
    { data, inputHash, damage }: ReadInput,
    options: DecideOptions,
    procedure: Procedure,
    leftMs: number,
  ): Promise<MeasuredOutcomes> => {
    if (leftMs <= 0) return { outcome: TOO_LATE, exact: null, damage };
    const transforms = options.transforms ? defaultFamily(model.manifest.mirror_keeps_label) : null;
    const [outcome, exact] = await Promise.all([
      measureInput(engine, data, inputHash, model.digest, procedure, leftMs, transforms),
      options.method === 'exact' ? engine.measure(data, { kind: 'exact' }, leftMs) : null,
    ]);
    return { outcome, exact, damage };
  };

  const unrecorded = async (
    input: ReadInput,
    measured: MeasuredOutcomes,
    gate: Gate | null,
    { caller, stream = null }: Pick<DecideRequest, 'caller' | 'stream'>,
  ): Promise<Unrecorded> => {
    const { outcome, exact } = measured;
    const group = streamGroup(stream);
    const closed = isClosed(gate, stream);
    const decided = composeAnswer({ id: deps.newId(), stream }, measured, model, gate, closed);
    const answer = deps.isMistrusted?.(group) === true ? withoutTrust(decided) : decided;
    const watched = decidedImage(decided, measured);
    const predictedLabel = answer.prediction?.label ?? null;
    const auditable =
      answer.decision === 'auto' && predictedLabel !== null
        ? { caller, stream: group, predictedLabel }
        : null;
    const chance = auditable === null ? 1 : deps.kept.chanceOf(auditable);
    const prediction: PredictionRecord = {
      id: answer.id,
      caller,
      stream,
      createdMs: deps.now(),
      inputHash: input.inputHash,
      modelDigest: model.digest,
      gateId: gate?.id ?? null,
      decision: answer.decision,
      reasons: answer.reasons,
      inclusionProbability: chance,
      predictedLabel,
      priority: reviewPriority(gate, answer.reasons, answer.signals, answer.familiarity ?? null),
      answer: encodeAnswer(answer),
    };
    const image = answer.decision === 'review' ? await input.image() : null;
    const recorded = (storeMs: number, itemId: string | null): Answer => {
      if (auditable !== null) {
        const { bytes, image: original } = input;
        deps.kept.add({ ...auditable, id: answer.id, chance, bytes, image: original });
      }
      const timing = {
        decodeMs: input.decodeMs,
        queueMs: outcome.queueMs,
        computeMs: exact ? Math.max(outcome.computeMs, exact.computeMs) : outcome.computeMs,
        storeMs,
      };
      const timed = { ...firstAnswer(answer, itemId), timing };
      if (watched !== null) deps.onDecided?.(watched);
      deps.onPrediction(timed, (outcome.result?.passes ?? 0) + (exact?.result?.passes ?? 0));
      return timed;
    };
    const sameKey = deps.joinSame && image !== null ? { sameKey: sameKeyOf(prediction, input, image) } : {};
    return { recording: { prediction, image, ...sameKey }, recorded };
  };

  const prepare = async (request: DecideRequest, clock: Clock): Promise<readonly Unrecorded[]> => {
    const { inputs, options } = request;
    // Whatever becomes the gate meanwhile, this request is measured and decided by this one.
    const gate = deps.gate();
    const procedure = procedureOf(gate);
    const exact = options.method === 'exact';
    if (exact) refuseTooLarge(model.dimension);
    const images = inputs.kind === 'images' ? inputs.images.length : inputs.tensors.length;
    const deadlineMs = options.deadlineMs ?? deps.deadlineMs;
    const apart = countSlow(inputs, model.manifest);
    const leave = admission.enter({ images, apart, measurementsEach: exact ? 2 : 1, deadlineMs });
    // A caller in a hurry still gets its images read like everybody: people get what is not measured in time.
    const reading = readInputs(inputs, request.caller, clock.leftMs(Math.max(deadlineMs, deps.deadlineMs)));
    const read = await reading.read.catch((error: unknown) => {
      // Others of these images may still be decoded: they keep their places until they are not.
      void reading.settled.then(() => {
        leave();
      });
      request.onStillDecoding?.(reading.settled);
      throw error;
    });
    try {
      const measured = await Promise.all(
        read.map((input) =>
          measure(input, options, procedure, clock.leftMs(deadlineMs)).finally(() => {
            leave(1);
          }),
        ),
      );
      return await Promise.all(read.map((input, i) => unrecorded(input, measured[i]!, gate, request)));
    } finally {
      leave();
    }
  };

  const record = async (prepared: readonly Unrecorded[]): Promise<readonly Answer[]> => {
    const began = performance.now();
    const items = await store.records.recordAll(prepared.map(({ recording }) => recording));
    return answersOf(prepared, items, began);
  };

  return {
    decide: async (request) => {
      const clock = startClock();
      const { inputs, caller, stream = null, key, options } = request;
      if (key === null) {
        return { answers: await record(await prepare(request, clock)), repeated: false };
      }
      return decideOnce({ caller, key }, fingerprintOf(inputs, options, stream), () =>
        prepare(request, clock),
      );
    },
    find: async (id) => {
      const stored = await store.records.find(id);
      return stored && currentAnswer(stored);
    },
    sensitivityMap: createMaps({ ...deps, turns }, admission),
  };
}

/** What becomes of an input whose time is up before it is measured. */
const TOO_LATE: Outcome<never> = { result: null, failure: 'deadline', queueMs: 0, computeMs: 0 };

function startClock(): Clock {
  const began = performance.now();
  return { leftMs: (limitMs) => limitMs - (performance.now() - began) };
}

/** @throws EngineError `input_too_large_for_exact` */
function refuseTooLarge(dimension: number): void {
  if (dimension <= EXACT_DIMENSION_LIMIT) return;
  throw new EngineError(
    'input_too_large_for_exact',
    `the exact Jacobian of ${dimension} inputs takes ${1 + 2 * dimension} forward passes; ` +
      `the limit is ${EXACT_DIMENSION_LIMIT} inputs. Leave out method=exact.`,
  );
}

/** The recorded answer with what people have made of it since. */
function currentAnswer({ prediction, review }: StoredPrediction): Answer {
  const answer = decodeAnswer(prediction);
  if (review === null) return firstAnswer(answer, null);
  const { id, state, label, finding, reviewer } = review;
  // The machine's label stands while no audit says what is right.
  if (prediction.decision === 'auto' && label === null && finding !== 'none_of_these')
    return firstAnswer(answer, null);
  return {
    ...answer,
    label,
    review: {
      ...{ id, state, labelledBy: label === null ? null : reviewer },
      ...(finding === null ? {} : { outcome: finding }),
    },
    timing: null,
  };
}
