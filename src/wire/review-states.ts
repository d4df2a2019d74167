import { z } from 'zod';

export const reviewState = z.enum(['pending', 'claimed', 'labelled', 'discarded', 'disputed']);

export type ReviewState = z.infer<typeof reviewState>;

/** A time, as RFC 3339 writes it. */
export const instant = z.string().meta({ format: 'date-time' });
