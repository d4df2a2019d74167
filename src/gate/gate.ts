import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { canonicalJson } from '../model/digest.ts';
import { TRANSFORM_NAMES } from '../numerics/jacobian/transforms.ts';
import { SIGNALS } from './signals.ts';
import { CodedError } from '../coded-error.ts';

const priorSchema = z.strictObject({
  intercept: z.number(),
  slope: z.number(),
  deviation: z.number().positive().max(10),
  support: z
    .tuple([z.number(), z.number()])
    .readonly()
    .refine(([least, largest]) => least <= largest, 'expected the least first')
    .describe('Least and largest ln ‖S(p)‖ that calibration saw.'),
});

const measurementSchema = z.strictObject({
  distribution: z
    .literal('uniform')
    .describe('Of the directions: independent coordinates between −√3 and √3, E[v vᵀ] = I.'),
  difference: z.enum(['forward', 'central']),
  looks: z
    .array(z.int().min(0).max(4096))
    .min(1)
    .refine(
      (looks) => looks.every((look, i) => i === 0 || look > looks[i - 1]!),
      'expected ascending numbers',
    )
    .refine((looks) => (looks.at(-1) ?? 0) > 0, 'expected a budget of at least one direction')
    .describe('Directions in all after each look; a first look at 0 lets the prior decide alone.'),
  error: z
    .number()
    .gt(0)
    .lt(0.5)
    .describe('Probability of a decision on the wrong side, all looks together.'),
  step: z
    .number()
    .positive()
    .max(0.1)
    .describe('RMS displacement per coordinate along a random direction, in pixel intensity.'),
  confidence: z.number().gt(0).lt(1).describe('Of the interval that is reported.'),
  prior: priorSchema.nullable().describe('What calibration learned of ln(‖J‖/‖S(p)‖).'),
  steepest: z
    .strictObject({
      step: z.number().positive().max(1).describe('Whole displacement along one, in pixel intensity.'),
      rest: z
        .array(
          z.strictObject({
            location: z.number().min(-50).max(50),
            slope: z.number().min(-10).max(10),
            deviation: z.number().positive().max(20),
          }),
        )
        .min(1)
        .max(16)
        .describe(
          'What calibration learned of the remainder of ‖J‖² after 1, 2, … of them: ln(remainder/captured).',
        ),
    })
    .nullable()
    .describe('Directions along the gradient, before the random ones; null to take none.'),
  transforms: z
    .array(z.strictObject({ name: z.enum(TRANSFORM_NAMES), step: z.number().positive() }))
    .min(1)
    .nullable()
    .describe('Measured for every input where the gate needs them; else null.'),
});

/** How inputs are measured, at calibration and in service alike. */
export type MeasurementPlan = z.infer<typeof measurementSchema>;

/** What is measured where no gate says otherwise: eight directions, no prior, no transformations. */
export const DEFAULT_PLAN: MeasurementPlan = {
  distribution: 'uniform',
  difference: 'forward',
  looks: [8],
  error: 0.005,
  step: 1e-4,
  confidence: 0.99,
  prior: null,
  steepest: null,
  transforms: null,
};

const riskSchema = z
  .strictObject({
    features: z.array(z.string()).min(1),
    intercept: z.number(),
    coefficients: z.array(z.number()),
    means: z.array(z.number()),
    deviations: z.array(z.number().positive()),
  })
  .refine(
    ({ features, ...others }) =>
      [others.coefficients, others.means, others.deviations].every(
        ({ length }) => length === features.length,
      ),
    'expected one coefficient, mean and deviation for each feature',
  );

const splitSchema = z.strictObject({
  images: z.int().min(0),
  errors: z.int().min(0).describe('Wrong labels among them.'),
  hash: z.string().describe('SHA-256 over the sorted hashes of their pixels.'),
});

const calibrationSchema = z
  .strictObject({
    method: z.enum(['fixed_sequence', 'coverage']),
    target: z.strictObject({
      risk: z.number().gt(0).lt(1).nullable().describe('Selective risk promised, by fixed_sequence.'),
      coverage: z
        .number()
        .gt(0)
        .lte(1)
        .nullable()
        .describe('Share of automatic labels asked for, by coverage.'),
    }),
    proven: z
      .strictObject({ risk: z.number().min(0).max(1), confidence: z.number().gt(0).lt(1) })
      .nullable()
      .describe('With this confidence the selective risk is at most this; null where nothing was proven.'),
    fit: splitSchema.describe('Images that chose prior, floor, signal and sequence.'),
    certification: splitSchema
      .extend({
        accepted: z.int().min(0),
        errors_accepted: z.int().min(0),
        pointwise_bound: z.number().nullable(),
      })
      .describe('Images that proved the bound, and had no other part.'),
    sensitivity_quantiles: z
      .array(z.tuple([z.number().min(0).max(1), z.number().min(0)]))
      .describe('Share and sensitivity: the distribution that live inputs are held against.'),
    left_out: z.record(z.string(), z.int()).describe('Images that could not be used, by kind.'),
    data: z.string(),
    created: z.string(),
    tool: z.string().describe('The program and its version.'),
  })
  .refine(
    ({ method, target }) => (method === 'coverage' ? target.coverage : target.risk) !== null,
    'expected the target of the method',
  );

export type Calibration = z.infer<typeof calibrationSchema>;

const gateSchema = z
  .strictObject({
    format: z.literal(1),
    signal: z.enum(SIGNALS),
    threshold: z
      .number()
      .describe('Accepted up to and including this value; from it on for confidence and margin.'),
    confidence_floor: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Least max-softmax of an automatic label.'),
    show_prediction: z.boolean().describe("Whether reviewers see the machine's prediction."),
    model: z.strictObject({ name: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
    measurement: measurementSchema,
    risk: riskSchema
      .nullable()
      .default(null)
      .describe(
        'The model of the signal `risk`, fitted on the fit split alone; null where it could not be fitted.',
      ),
    calibration: calibrationSchema,
  })
  .refine(
    ({ signal, measurement }) => measurement.transforms !== null || !NEEDS_TRANSFORMS.has(signal),
    'a gate on transform_sensitivity, agreement or risk needs measurement.transforms',
  )
  .refine(({ signal, risk }) => signal !== 'risk' || risk !== null, 'a gate on risk needs its model, `risk`')
  .refine(
    ({ signal, measurement }) => signal !== 'log_sensitivity' || measurement.looks[0] !== 0,
    'a gate on log_sensitivity needs a first look at one direction or more, or it is not measured',
  )
  .refine(
    ({ signal, threshold }) => threshold >= 0 || !NORMS.has(signal),
    'a threshold on a norm is at least 0',
  );

/** Looks of a gate with a prior: at the prior alone, then at twice as many directions each time. */
export const GATED_LOOKS = [0, 2, 4, 8, 16] as const;

/** δ of a gate with a prior: chosen by measurement, docs/decisions/0004. */
export const GATED_ERROR = 0.02;

const NORMS: ReadonlySet<string> = new Set(['sensitivity', 'log_sensitivity', 'transform_sensitivity']);

/** Signals that are measured on transformed copies. */
export const NEEDS_TRANSFORMS: ReadonlySet<string> = new Set(['transform_sensitivity', 'agreement', 'risk']);

/** gate.json as it is written. */
export type GateFile = z.infer<typeof gateSchema>;

export interface Gate extends GateFile {
  /** Follows from the content: two gates with the same id decide alike. */
  readonly id: string;
}

export type GateErrorCode = 'missing_gate' | 'bad_gate' | 'gate_for_another_model';

/** A gate that decides nothing. The service goes on with every decision `review`, reason `uncalibrated`. */
export class GateError extends CodedError<GateErrorCode> {
  override readonly name = 'GateError';
}

/** A gate file has some kilobytes. What has more is another file, and is read every few seconds. */
const LARGEST_BYTES = 1024 * 1024;

/**
 * Reads the gate in the file at `path`, if it was made for the model with this digest.
 *
 * @throws GateError
 */
export async function readGate(path: string, modelDigest: string): Promise<Gate> {
  return parseGate(await readGateText(path), path, modelDigest);
}

/**
 * Reads the file at `path`, whatever it holds.
 *
 * @throws GateError `missing_gate` where it cannot be read, `bad_gate` where it is too large to be one
 */
export async function readGateText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_BYTES) {
      throw new GateError(
        'bad_gate',
        `expected a gate of at most ${LARGEST_BYTES} bytes at ${path}, got ${size}`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof GateError) throw error;
    throw new GateError('missing_gate', `expected a gate at ${path}: ${(error as Error).message}`);
  }
}

/** @throws GateError */
export function parseGate(text: string, path: string, modelDigest: string): Gate {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new GateError('bad_gate', `${path} is not JSON: ${(error as Error).message}`);
  }
  const parsed = gateSchema.safeParse(json);
  if (!parsed.success) throw new GateError('bad_gate', `${path}: ${z.prettifyError(parsed.error)}`);
  const file = parsed.data;
  if (file.model.digest !== modelDigest) {
    throw new GateError(
      'gate_for_another_model',
      `${path} was calibrated for ${file.model.name} ${file.model.digest}, but the model served is ${modelDigest}: ` +
        'calibrate again for this model',
    );
  }
  const id = createHash('sha256').update(canonicalJson(file)).digest('hex').slice(0, 16);
  return { ...file, id };
}
