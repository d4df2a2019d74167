import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import type { DaysStatistics } from '../../../src/wire/days.ts';
import { servedGateSchema, type ServedModel } from '../../../src/wire/model.ts';
import { reasonSchema } from '../../../src/wire/answers.ts';
import type { ClaimedItem, LeadItem, ReviewItem } from '../../../src/wire/review-items.ts';
import { reviewState } from '../../../src/wire/review-states.ts';
import * as page from '../../../src/web/api/shapes.ts';

/** Compiles only where everything that is a `Declared` may be read as a `Read`. */
type Reads<Read, Declared extends Read> = Declared;

/** What the service declares, as the page reads it: the compiler is the test. */
export type ThePageReads = [
  Reads<page.ReviewItem, ReviewItem>,
  Reads<page.ClaimedItem, ClaimedItem>,
  Reads<page.LeadItem, LeadItem>,
  Reads<page.Model, ServedModel>,
  Reads<page.Days, DaysStatistics>,
  Reads<page.ServedGate, z.infer<typeof servedGateSchema>>,
];

describe('what the page knows of the service', () => {
  it('are its states and reasons, all of them', () => {
    assert.deepEqual(page.REVIEW_STATES, reviewState.options);
    assert.deepEqual(page.REASONS, reasonSchema.options);
  });
});
