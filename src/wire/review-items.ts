import { z } from 'zod';
import { LONGEST_LEASE_SECONDS } from '../longest-lease.ts';
import { plainText } from '../plain-text.ts';
import { labelPrediction, reasonSchema } from './answers.ts';
import { finding, instant, reviewState as state } from './review-states.ts';
import { streamName } from './stream-name.ts';

const text = (longest: number) => plainText(z.string().max(longest));

const leaseToken = plainText(
  z.string().regex(/^[\x21-\x7e]{1,200}$/, 'expected the `lease` that the claim gave'),
).describe('The `lease` of the claim: the fencing token.');
const leaseSeconds = z.int().min(5).max(LONGEST_LEASE_SECONDS);

export const claimRequest = z
  .strictObject({
    limit: z.int().min(1).max(100).default(1).describe('Items at most.'),
    lease_seconds: leaseSeconds.default(300),
  })
  .meta({ id: 'ClaimRequest' });

export const labelRequest = z
  .strictObject({
    label: text(500).describe('One of the labels of GET /v1/model.'),
    lease: leaseToken,
    note: text(2000).optional(),
  })
  .meta({ id: 'LabelRequest' });

export const renewRequest = z
  .strictObject({ lease: leaseToken, lease_seconds: leaseSeconds.default(300) })
  .meta({ id: 'RenewRequest' });

export const findingRequest = z
  .strictObject({
    finding: finding.describe(
      '`none_of_these`: the image shows something, and no label of the model is it; `unreadable`: nobody ' +
        'could tell what it shows.',
    ),
    lease: leaseToken,
    note: text(2000).optional(),
  })
  .meta({ id: 'FindingRequest' });

export const settleRequest = z
  .union([
    z.strictObject({ label: text(500), note: text(2000).optional() }),
    z.strictObject({ finding, note: text(2000).optional() }),
  ])
  .meta({
    id: 'SettleRequest',
    description: 'One of the labels of GET /v1/model, or what is found instead.',
  });

export const discardRequest = z
  .strictObject({ lease: leaseToken, note: text(2000).optional() })
  .meta({ id: 'DiscardRequest' });

export const undoRequest = z
  .strictObject({ lease_seconds: leaseSeconds.default(300) })
  .meta({ id: 'UndoRequest' });

export const reassignRequest = z
  .strictObject({
    to: plainText(z.string().min(1).max(200))
      .nullable()
      .describe(
        'Who should do it: the id of a key, or `jwt:` and the subject of a JWT; null for whoever comes.',
      ),
  })
  .meta({ id: 'ReassignRequest' });

export const leaseRequest = z.strictObject({ lease: leaseToken }).meta({ id: 'LeaseRequest' });

/** The query of `GET /v1/reviews`. */
export const listQuery = z.strictObject({
  state: state.optional(),
  label: text(500).optional().describe('The person’s final label.'),
  reason: reasonSchema.optional().describe('Needs the scope `admin`: it would tell which items are audits.'),
  stream: streamName.optional().describe('Items of one stream. Needs the scope `admin`, as `reason` does.'),
  order: z
    .enum(['newest', 'most_sensitive'])
    .default('newest')
    .describe('`most_sensitive` needs the scope `admin`, as `reason` does.'),
  cursor: text(1000).optional().describe('`next_cursor` of the page before, with the same order.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const predictionSchema = labelPrediction
  .nullable()
  .describe('The machine’s prediction; null where it gave no finite answer.');

const shownLabel = z
  .object({ label: z.string() })
  .nullable()
  .describe(
    'The label that the machine gives, only where the gate says `show_prediction`, and never how sure it ' +
      'is: that would tell which items are audits. Null where it gave no finite answer.',
  );

export const reviewItemSchema = z
  .object({
    id: z.string(),
    href: z.string(),
    state,
    created_at: instant,
    model_name: z
      .string()
      .nullable()
      .describe('Of the model that made the item; null where that is not known.'),
    model_digest: z.string(),
    model_served: z
      .boolean()
      .describe('Whether that model is the one served here. Otherwise the item waits until it is again.'),
    image_href: z.string(),
    sensitivity_map_href: z.string(),
    reviewer: z.string().nullable().describe('Who holds the item or gave the answer that decided it.'),
    label: z.string().nullable().describe('The person’s.'),
    finding: finding
      .nullable()
      .describe('What the person found instead of a label; null also where the image is unusable.'),
    labelled_at: instant.nullable(),
    decided_at: instant.nullable().describe('When it became labelled, discarded or disputed.'),
    note: z.string().nullable(),
    prediction: shownLabel.exactOptional(),
  })
  .meta({
    id: 'ReviewItem',
    description: 'What a reviewer receives: the same whether the item is `sensitive` or `audit`.',
  });

export type ReviewItem = z.infer<typeof reviewItemSchema>;

export const claimedItemSchema = reviewItemSchema
  .extend({ lease: z.string(), lease_expires_at: instant })
  .meta({ id: 'ClaimedItem', description: 'A review item that is leased to the caller.' });

export type ClaimedItem = z.infer<typeof claimedItemSchema>;

export const leadItemSchema = reviewItemSchema
  .extend({
    reasons: z.array(reasonSchema).readonly(),
    stream: z.string().nullable().describe('Where the image comes from, as the caller named it.'),
    assigned_to: z.string().nullable().describe('Who should do it first.'),
    opinions: z.array(
      z.object({
        reviewer: z.string(),
        label: z.string().nullable().describe('Null: there is a finding, or the image is unusable.'),
        finding: finding.nullable(),
        note: z.string().nullable(),
        given_at: instant,
      }),
    ),
    sensitivity: z.number().nullable(),
    strange: z
      .array(z.string())
      .readonly()
      .describe('What is strange about it beside calibration’s images, in words, the strangest first.'),
    prediction: predictionSchema,
  })
  .meta({ id: 'LeadItem', description: 'A review item with why it is one, for those who lead reviewers.' });

export type LeadItem = z.infer<typeof leadItemSchema>;

export const pageSchema = z
  .object({
    items: z.union([z.array(reviewItemSchema), z.array(leadItemSchema)]),
    next_cursor: z.string().nullable().describe('Null on the last page.'),
  })
  .meta({ id: 'ReviewPage' });

export const renewedSchema = z
  .object({ id: z.string(), lease: z.string(), lease_expires_at: instant })
  .meta({ id: 'Renewed' });

/** What can happen to an item. Renewals are left out: an open page makes one a minute. */
const historyAct = z.enum([
  'recorded',
  'claimed',
  'released',
  'skipped',
  'labelled',
  'none_of_these',
  'unreadable',
  'discarded',
  'undone',
  'reassigned',
  'exported',
  'image_deleted',
  'forgotten',
]);

export const historySchema = z
  .object({
    events: z.array(
      z.object({
        at: instant,
        act: historyAct,
        who: z.string().nullable().describe('The id of a key, or `jwt:` and the subject of a JWT.'),
        detail: z
          .string()
          .nullable()
          .describe('The label, the note where there is none, or to whom it was assigned.'),
      }),
    ),
  })
  .meta({ id: 'History' });

export type ItemHistory = z.infer<typeof historySchema>;
