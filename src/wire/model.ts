import { z } from 'zod';
import { plainText } from '../plain-text.ts';

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
    familiarity: z
      .object({
        groups: z.array(z.string()).describe('Of statistics of the picture.'),
        cut: z.number().describe('An image is unfamiliar from beyond this score on.'),
        power: z.number().describe('Share of pictures made unlike calibration’s that lie beyond it.'),
        learned_from: z.int(),
        held_out: z.int(),
      })
      .nullable()
      .describe('What an automatic label’s image must be like; null where nothing is asked of it.'),
    show_prediction: z.boolean(),
    model: z.object({ name: z.string(), digest: z.string() }),
    measurement: freeObject.describe('How inputs are measured, at calibration and in service alike.'),
    calibration: freeObject.describe('On what it was calibrated, and what that gave.'),
  })
  .meta({ id: 'Gate' });

export type GateDescription = Readonly<z.infer<typeof gateSchema>>;

const rates = z.tuple([z.number(), z.number()]).readonly();

const auditState = z.enum(['holding', 'broken', 'too_few_labels']);

export const auditSchema = z
  .object({
    state: auditState,
    labels: z.int(),
    errors: z.int(),
    estimate: z.number().nullable(),
    interval: rates.describe(
      'Holds the true risk as often as `confidence` says, on average over risks (mid-p).',
    ),
    exact_interval: rates.describe('Holds it at least so often, looked at once (Clopper and Pearson).'),
    confidence: z.number(),
    promised: z.number().nullable(),
  })
  .meta({ id: 'AuditEstimate' });

export type AuditEstimate = z.infer<typeof auditSchema>;

const testSchema = z
  .object({
    stream: z.string().nullable().describe('Null: all answers of the gate.'),
    state: auditState,
    labels: z.int(),
    errors: z.int(),
    evidence: z
      .number()
      .describe('That the promise was kept and is no longer, as a share of what proves it: 1 is the proof.'),
    e_value: z
      .number()
      .describe('The largest so far; a promise that was always kept reaches 1/α with probability α at most.'),
    interval: rates.describe(
      'Holds the mean risk since the test began at all times at once, as often as `confidence` says.',
    ),
    broken_since: z.string().nullable().describe('When the label was given that completed the proof.'),
  })
  .meta({ id: 'PromiseTest' });

/** The tests of the promise beside the estimate of the window. */
export const auditReportSchema = auditSchema
  .extend({
    tests: z
      .array(testSchema)
      .describe(
        'Of all audits since the gate began, or was reopened, in the order of their labels. They may be ' +
          'looked at after each. `state` is decided by them.',
      ),
    unjudged: z
      .object({ unconfirmed: z.int(), unreadable: z.int(), discarded: z.int() })
      .describe(
        'Audits that people have answered, and that count as neither right nor wrong: one person alone ' +
          'says that the machine is wrong; nobody could judge the image; it was left out. `state` is not ' +
          '`holding` where it would not be if all that is unconfirmed were wrong.',
      ),
  })
  .meta({ id: 'AuditReport' });

export type AuditReport = z.infer<typeof auditReportSchema>;

const closingSchema = z
  .object({
    stream: z.string().nullable().describe('Null: every stream.'),
    since: z.string(),
    labels: z.int().describe('Audits that proved it.'),
    errors: z.int(),
  })
  .meta({ id: 'GateClosing' });

export type GateClosing = z.infer<typeof closingSchema>;

/** The body of POST /v1/gate/reopen. */
export const reopenRequest = z.strictObject({
  stream: plainText(z.string().min(1).max(200))
    .nullable()
    .default(null)
    .describe('Null where the gate is closed for every stream.'),
  why: plainText(z.string().trim().min(1).max(500)).describe('What was done about it; stands in the trail.'),
});

export const servedGateSchema = z
  .object({
    audit: auditReportSchema
      .nullable()
      .describe(
        'Selective risk of this gate in service: the estimate and its intervals from the audits of the ' +
          'last 30 days, the tests from all; null without a ' +
          'gate, and to callers without the scope `admin`, whom it would tell which items are audits.',
      ),
    closed: z
      .array(closingSchema)
      .nullable()
      .describe(
        'Where audits have proven that this gate breaks its promise, so that every image goes to review ' +
          '(`promise_broken`) until another gate decides or a lead reopens it. Null where `audit` is.',
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
