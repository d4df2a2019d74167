import { z } from 'zod';
import { calibrationSchema } from './calibration.ts';
import { familiaritySchema } from './familiarity.ts';
import { type MeasurementPlan, measurementPlanSchema } from './measurement-plan.ts';
import { copiesOf, SIGNAL_NAMES, SIGNALS } from './signals/registry.ts';
import type { Need } from './signals/signal.ts';

const riskSchema = z
  .strictObject({
    features: z.array(z.string()).min(1).readonly(),
    intercept: z.number(),
    coefficients: z.array(z.number()).readonly(),
    means: z.array(z.number()).readonly(),
    deviations: z.array(z.number().positive()).readonly(),
  })
  .refine(
    ({ features, ...others }) =>
      [others.coefficients, others.means, others.deviations].every(
        ({ length }) => length === features.length,
      ),
    'expected one coefficient, mean and deviation for each feature',
  );

/** How a gate has what its signal needs. */
interface NeedInGate {
  readonly isMet: (measurement: MeasurementPlan, risk: object | null) => boolean;
  readonly expected: string;
}

const NEEDS: Readonly<Record<Need, NeedInGate>> = {
  transforms: { isMet: ({ transforms }) => transforms !== null, expected: 'measurement.transforms' },
  direction: {
    isMet: ({ looks }) => looks[0] !== 0,
    expected: 'a first look at one direction or more, or it is not measured',
  },
  risk_model: { isMet: (_measurement, risk) => risk !== null, expected: 'its model, `risk`' },
};

export const gateSchema = z
  .strictObject({
    format: z.literal(1),
    signal: z.enum(SIGNAL_NAMES),
    threshold: z
      .number()
      .describe('Accepted up to and including this value; from it on where a high value is the safe one.'),
    confidence_floor: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .describe('Least max-softmax of an automatic label.'),
    sensitivity_limit: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'Largest sensitivity of an automatic label, whatever the signal; null where the signal is the ' +
          'sensitivity, whose threshold it is.',
      ),
    familiarity: familiaritySchema
      .nullable()
      .default(null)
      .describe('What an automatic label’s image must be like; null where nothing is asked of it.'),
    show_prediction: z.boolean().describe("Whether reviewers see the machine's prediction."),
    model: z.strictObject({ name: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
    measurement: measurementPlanSchema,
    risk: riskSchema
      .nullable()
      .default(null)
      .describe(
        'The model of the signal `risk`, fitted on the fit split alone; null where it could not be fitted.',
      ),
    calibration: calibrationSchema,
  })
  .superRefine((gate, context) => {
    for (const need of SIGNALS[gate.signal].needs) {
      const { isMet, expected } = NEEDS[need];
      if (isMet(gate.measurement, gate.risk)) continue;
      context.addIssue({ code: 'custom', message: `a gate on ${gate.signal} needs ${expected}` });
    }
    const copies = copiesOf(gate.signal);
    if (!copies.every((name) => gate.measurement.copies?.names.includes(name))) {
      context.addIssue({
        code: 'custom',
        message: `a gate on ${gate.signal} needs the copies ${copies.join(' and ')} in measurement.copies`,
      });
    }
    if (gate.familiarity !== null && !gate.measurement.statistics) {
      context.addIssue({ code: 'custom', message: 'a gate with familiarity needs measurement.statistics' });
    }
    if (gate.signal === 'sensitivity' && gate.sensitivity_limit !== null) {
      context.addIssue({
        code: 'custom',
        message: 'a gate on sensitivity has its threshold for a limit, so expected sensitivity_limit null',
      });
    }
    if (SIGNALS[gate.signal].isNorm && gate.threshold < 0) {
      context.addIssue({ code: 'custom', message: 'a threshold on a norm is at least 0' });
    }
  });

/** gate.json as it is written. */
export type GateFile = z.infer<typeof gateSchema>;

export interface Gate extends GateFile {
  /** Follows from the content: two gates with the same id decide alike. */
  readonly id: string;
}
