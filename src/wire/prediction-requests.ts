import { z } from 'zod';
import { streamName } from './stream-name.ts';

/** Bytes in canonical base64. Buffer also takes base64url and skips what is neither, so both are compared. */
const base64Bytes = z
  .string()
  .meta({ contentEncoding: 'base64', description: 'The bytes of one JPEG, PNG or WebP file.' })
  .transform((text, context) => {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') === text) return bytes;
    context.addIssue({
      code: 'custom',
      message:
        'expected standard base64 alone, with + and / and padded with = to a multiple of 4: not base64url ' +
        '(- and _), no line breaks (base64 -w0) and no "data:" before it',
    });
    return z.NEVER;
  });

/** The JSON way to send one image. */
export const jsonImage = z
  .strictObject({ image: base64Bytes, stream: streamName.optional() })
  .meta({ id: 'JsonImage' });

/** The query of `POST /v1/predictions`. */
export function predictionQuery(maxDeadlineMs: number) {
  return z.strictObject({
    method: z
      .enum(['estimate', 'exact'])
      .default('estimate')
      .describe(
        '`exact` differences every coordinate and takes 1 + 2D forward passes; for small inputs ' +
          'only. Where the deadline ' +
          'comes first, `sensitivity.method` is `estimate`.',
      ),
    transforms: z
      .stringbool()
      .default(false)
      .describe('Also measure transform_sensitivity and agreement: about a dozen forward passes more.'),
    deadline_ms: z.coerce
      .number()
      .int()
      .min(1)
      .max(maxDeadlineMs)
      .optional()
      .describe('What is not measured by then goes to review. Default: the service’s.'),
    stream: streamName
      .optional()
      .describe(
        'The camera, site or client that all the images come from, by a name of the caller’s. It may ' +
          'stand in the body instead: as a member of the JSON, or as a text part of the form.',
      ),
  });
}
