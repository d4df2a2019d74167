import type { Reason } from '../../wire/answers.ts';
import type { ReviewState } from '../../wire/review-states.ts';

/**
 * The states and reasons that the page offers to choose from, in the order of the API. Only types may come
 * from `wire`, which would bring its validation into the page; a test holds these lists against its own.
 */

export const REVIEW_STATES: readonly ReviewState[] = [
  'pending',
  'claimed',
  'labelled',
  'discarded',
  'disputed',
];

export const REASONS: readonly Reason[] = [
  'sensitive',
  'unconfident',
  'unfamiliar',
  'damaged_image',
  'audit',
  'over_budget',
  'not_measurable',
  'uncalibrated',
  'promise_broken',
];
