import { z } from 'zod';
import { plainText } from '../plain-text.ts';
import { instant } from './review-states.ts';

/** Acts on one item, then acts on the service as a whole. */
const act = z.enum([
  'labelled',
  'none_of_these',
  'unreadable',
  'discarded',
  'undone',
  'reassigned',
  'forgotten',
  'labels_sealed',
  'labels_exported',
  'images_deleted',
  'records_deleted',
  'gate_changed',
  'keys_changed',
  'alarm_raised',
  'alarm_ended',
  'gate_closed',
  'gate_reopened',
]);
const time = plainText(z.iso.datetime({ offset: true }));

/** The query of `GET /v1/audit-trail`. */
export const auditTrailQuery = z.strictObject({
  act: act.optional(),
  who: plainText(z.string().min(1).max(200)).optional().describe('Id of a caller.'),
  since: time.optional().describe('From then on.'),
  until: time.optional().describe('Before then.'),
  cursor: plainText(z.string().max(500)).optional().describe('`next_cursor` of the page before.'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export const auditTrailSchema = z
  .object({
    entries: z.array(
      z.object({
        at: instant,
        act,
        who: z
          .string()
          .nullable()
          .describe(
            'The id of a key, `jwt:` and the subject of a JWT, or `cli:` and who ran a command; null ' +
              'where a file was changed.',
          ),
        item: z.string().nullable().describe('Id of the item; null for what concerns the whole service.'),
        detail: z
          .record(z.string(), z.unknown())
          .describe(
            'The `label`, the `note` where there is none, `to` whom; what was exported; of a change what ' +
              'was before (`from`) and is now (`to`).',
          ),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AuditTrail' });
