import { z } from 'zod';
import { COPY_NAMES } from '../numerics/jacobian/copies.ts';
import { TRANSFORM_NAMES } from '../numerics/jacobian/transforms.ts';

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

/** How inputs are measured, as a gate file says it. */
export const measurementPlanSchema = z.strictObject({
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
  copies: z
    .strictObject({
      names: z.array(z.enum(COPY_NAMES)).min(1),
      between: z
        .tuple([z.number().min(-1).max(1), z.number().min(0).max(2)])
        .readonly()
        .refine(([least, most]) => least < most, 'expected the least first')
        .describe('Only where the probability of the predicted class lies strictly between them.'),
    })
    .nullable()
    .default(null)
    .describe('Copies whose answers the signal is a mean of, where the first answer leaves it open.'),
  statistics: z
    .boolean()
    .default(false)
    .describe('Whether statistics of the picture are taken, by which its familiarity is judged.'),
});

/** How inputs are measured, at calibration and in service alike. */
export type MeasurementPlan = z.infer<typeof measurementPlanSchema>;

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
  copies: null,
  statistics: false,
};
