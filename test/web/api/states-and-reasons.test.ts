import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REASONS, REVIEW_STATES } from '../../../src/web/api/states-and-reasons.ts';
import { reasonSchema } from '../../../src/wire/answers.ts';
import { reviewState } from '../../../src/wire/review-states.ts';

describe('what the page knows of the service', () => {
  it('are its states and reasons, all of them', () => {
    assert.deepEqual(REVIEW_STATES, reviewState.options);
    assert.deepEqual(REASONS, reasonSchema.options);
  });
});
