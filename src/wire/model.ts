import { z } from 'zod';

const freeObject = z.record(z.string(), z.unknown());

export const modelSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    digest: z
      .string()
      .describe('Of the model’s bytes and its manifest; stands on every prediction, gate and label.'),
    description: z.string().optional(),
    labels: z.array(z.string()).readonly(),
    input: freeObject.describe('Name, shape, layout, channels and preprocessing, as model.json has them.'),
    output: freeObject.describe('Name, and whether it holds logits or probabilities.'),
    mirror_keeps_label: z.boolean(),
    licence: z.string(),
    provenance: z.string(),
    accuracy: freeObject.optional().describe('As it was measured, and on what.'),
  })
  .meta({ id: 'Model' });

/** The model that is served, as GET /v1/model shows it. */
export type ServedModel = Readonly<z.infer<typeof modelSchema>>;

const gateSchema = z
  .object({
    id: z.string(),
    signal: z.string(),
    threshold: z.number(),
    confidence_floor: z.number().nullable(),
    sensitivity_limit: z.number().nullable().describe('Largest sensitivity of an automatic label.'),
    show_prediction: z.boolean(),
    model: z.object({ name: z.string(), digest: z.string() }),
    measurement: freeObject.describe('How inputs are measured, at calibration and in service alike.'),
    calibration: freeObject.describe('On what it was calibrated, and what that gave.'),
  })
  .meta({ id: 'Gate' });

export type GateDescription = Readonly<z.infer<typeof gateSchema>>;

const rates = z.tuple([z.number(), z.number()]).readonly();

export const auditSchema = z
  .object({
    state: z.enum(['holding', 'broken', 'too_few_labels']),
    labels: z.int(),
    errors: z.int(),
    estimate: z.number().nullable(),
    interval: rates.describe(
      'Holds the true risk as often as `confidence` says, on average over risks (mid-p).',
    ),
    exact_interval: rates.describe(
      'Holds it at least so often; `state` is decided by it (Clopper and Pearson).',
    ),
    confidence: z.number(),
    promised: z.number().nullable(),
  })
  .meta({ id: 'AuditEstimate' });

export type AuditEstimate = z.infer<typeof auditSchema>;

export const servedGateSchema = z
  .object({
    audit: auditSchema
      .nullable()
      .describe(
        'Selective risk of this gate in service, from the audits of the last 30 days; null without a ' +
          'gate, and to callers without the scope `admin`, whom it would tell which items are audits.',
      ),
    gate: gateSchema.nullable(),
    reason: z.string().nullable().describe('Why there is no valid gate, so that every image goes to review.'),
    refused: z
      .string()
      .nullable()
      .describe('Why the gate file as it is now was not taken, though the former gate still decides.'),
  })
  .meta({ id: 'ServedGate' });

/** The answer to GET /v1/gate. */
export type GateAnswer = z.infer<typeof servedGateSchema>;

/** The gate that decides, or why there is none. */
export type ServedGate = { readonly refused: string | null } & (
  { readonly gate: GateDescription; readonly reason: null } | { readonly gate: null; readonly reason: string }
);
