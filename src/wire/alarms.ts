import { z } from 'zod';
import { plainText } from '../plain-text.ts';
import { streamName } from './stream-name.ts';

const findingSchema = z
  .looseObject({
    kind: z.string().describe('`unfamiliar` images, a `signal` beyond a cut, or a predicted `label`.'),
    signal: z.string().optional(),
    side: z.enum(['above', 'below']).optional(),
    cut: z.number().optional(),
    label: z.string().optional(),
    images: z.int().describe('Images since the change.'),
    happened: z.int().describe('How many of them had it.'),
    usual: z.number().describe('Share of calibration’s images that had it.'),
    limit: z.number().describe('The most that this share may be, by as many calibration images.'),
  })
  .describe('What has become more frequent than among calibration’s images.');

const alarmSchema = z
  .object({
    stream: z.string().nullable().describe('A name of STREAMS, `other`, or null: all images.'),
    gate: z.string().describe('Whose calibration the images are no longer like.'),
    raised_at: z.string(),
    since: z.string().describe('When the change began, about.'),
    finding: findingSchema,
    ended: z
      .object({ at: z.string(), by: z.string(), why: z.string() })
      .nullable()
      .describe('Null while it stands.'),
  })
  .meta({ id: 'Alarm' });

export type AlarmAnswer = z.infer<typeof alarmSchema>;

const watchedSchema = z
  .object({
    stream: z.string().nullable(),
    images: z.int().describe('Looked at by the replica that answers, since the last alarm here ended.'),
    progress: z.number().min(0).max(1).describe('Of the evidence that an alarm needs, its logarithm.'),
    autocorrelation: z
      .number()
      .describe('Of neighbouring images, as frames of a film have it; alarms take images for independent.'),
    follows: z
      .boolean()
      .describe('Whether that is so much that a false alarm is likelier than said: set ALARM_SPACING.'),
  })
  .meta({ id: 'WatchedStream' });

export type WatchedAnswer = z.infer<typeof watchedSchema>;

export const alarmsSchema = z
  .object({
    alarms: z.array(alarmSchema).readonly().describe('Of this model, the latest first.'),
    watched: z.array(watchedSchema).readonly(),
    on_shift: z.enum(['audit', 'review', 'alert']).describe('What the service does while an alarm stands.'),
    reason: z.string().nullable().describe('Why nothing is watched; null where something is.'),
  })
  .meta({ id: 'Alarms' });

export type AlarmsAnswer = z.infer<typeof alarmsSchema>;

export const endAlarmRequest = z
  .strictObject({
    stream: streamName.nullable().describe('Where it stands; null: over all images.'),
    why: plainText(z.string().trim().min(1).max(1000)).describe('Stands in the trail.'),
  })
  .meta({ id: 'EndAlarm' });
