import { z } from 'zod';
import { plainText } from '../plain-text.ts';

/** Characters of the longest. */
export const LONGEST_STREAM = 64;

/** The name of a stream. */
export const streamName = plainText(z.string().min(1).max(LONGEST_STREAM)).describe(
  'The camera, site or client that the image comes from, by a name of the caller’s.',
);
