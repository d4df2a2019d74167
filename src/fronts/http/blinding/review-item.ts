import type { StoredReview } from '../../../store/review-status.ts';
import type { Claim } from '../../../store/reviewing.ts';
import { seenBy } from '../../../store/seen-by.ts';
import type { RecordedAnswer } from '../../../prediction/answer.ts';
import { wireReasons } from '../later-words.ts';
import { readableAnswer, storedStrangeness } from '../../../prediction/stored-answer.ts';
import { instant } from '../instant.ts';
import { reviewHref } from '../routes/predictions.ts';
import type { ClaimedItem, LeadItem, ReviewItem } from '../../../wire/review-items.ts';

/** From where items are looked at. */
export interface View {
  /** Of the model that this service serves. */
  readonly servedDigest: string;
  readonly showPrediction: boolean;
  /** Who sees nothing of what others said of an item that is not final; null to show things as they are. */
  readonly viewer: string | null;
}

/**
 * What a reviewer receives of an item.
 *
 * An audit is blind: nothing here follows from why the item is in the queue. A reviewer who knew that an item
 * is an audit, or how sure the machine was, would agree more often, and the audit would understate the error
 * rate. The stream is not here: where a stream's images are nearly all automatic, its items are nearly all
 * audits. The one time is that at which the item entered the queue, and of the machine's answer there is the
 * label at most: an automatic one is nearly always sure, and one that is reviewed nearly never.
 */
export function reviewItem({ prediction, review: current }: StoredReview, view: View): ReviewItem {
  const review = view.viewer === null ? current : seenBy(view.viewer, current);
  const href = reviewHref(review.id);
  const stored = readableAnswer(prediction);
  const decidedAt = review.decidedMs === null ? null : instant(review.decidedMs);
  return {
    id: review.id,
    href,
    state: review.state,
    created_at: instant(review.createdMs),
    model_name: stored.model.name === '' ? null : stored.model.name,
    model_digest: prediction.modelDigest,
    model_served: prediction.modelDigest === view.servedDigest,
    image_href: `${href}/image`,
    sensitivity_map_href: `${href}/sensitivity.png`,
    reviewer: review.reviewer,
    label: review.label,
    finding: review.finding,
    labelled_at: review.label === null ? null : decidedAt,
    decided_at: decidedAt,
    note: review.note,
    ...(view.showPrediction ? { prediction: stored.prediction && { label: stored.prediction.label } } : {}),
  };
}

/** The item with the token that lets its holder label it. */
export function claimedItem(claim: Claim, view: View): ClaimedItem {
  return {
    ...reviewItem(claim, view),
    lease: claim.lease,
    lease_expires_at: leaseEnd(claim),
  };
}

/** The item with why it is one: for those who lead reviewers, never for reviewers. */
export function leadItem(item: StoredReview, view: View): LeadItem {
  const stored = readableAnswer(item.prediction);
  return {
    ...reviewItem(item, { ...view, showPrediction: false, viewer: null }),
    reasons: wireReasons(item.review.reasons),
    stream: item.prediction.stream,
    assigned_to: item.review.assignedTo,
    opinions: item.review.opinions.map(({ givenMs, ...opinion }) => ({
      ...opinion,
      given_at: instant(givenMs),
    })),
    sensitivity: stored.sensitivity?.value ?? null,
    strange: storedStrangeness(item.prediction.answer),
    prediction: wirePrediction(stored),
  };
}

/** When the lease of an item that is claimed ends. */
export function leaseEnd({ review }: StoredReview): string {
  if (review.leaseExpiresMs === null) throw new Error(`expected item ${review.id} to be leased; it is not`);
  return instant(review.leaseExpiresMs);
}

function wirePrediction({ prediction }: RecordedAnswer): LeadItem['prediction'] {
  return prediction && { ...prediction, top: [...prediction.top] };
}
