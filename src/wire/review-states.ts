import { z } from 'zod';

export const reviewState = z.enum(['pending', 'claimed', 'labelled', 'discarded', 'disputed']);

/** What a person may find instead of a label. */
export const finding = z.enum(['none_of_these', 'unreadable']).meta({ id: 'Finding' });

export type Finding = z.infer<typeof finding>;

export type ReviewState = z.infer<typeof reviewState>;

/** A time, as RFC 3339 writes it. */
export const instant = z.string().meta({ format: 'date-time' });
