import { type Caller, isGivenAudits, requireScope } from '../../../access/caller.ts';
import { asPlainText, type PlainText } from '../../../plain-text.ts';
import { AccessError } from '../../../access/access-error.ts';
import type { ListFilter } from '../../../store/review-items.ts';
import type { Finding } from '../../../store/opinions.ts';
import type { StoredReview } from '../../../store/review-status.ts';
import type { LeaseOutcome, UndoRefusal } from '../../../store/reviewing.ts';
import type { Metrics } from '../../../telemetry/metrics.ts';
import type { ServedModel } from '../../../wire/model.ts';
import type { ClaimedItem, LeadItem, ReviewItem } from '../../../wire/review-items.ts';
import type { ReviewStatistics } from '../../../wire/statistics.ts';
import type { CheckedPredictor, CheckedStore } from '../checked-ports.ts';
import { HttpError } from '../http-error.ts';
import { unknownItem } from '../routes/item-id.ts';
import { atEvenTimes } from './even-times.ts';
import { claimedItem, leadItem, leaseEnd, reviewItem, type View } from './review-item.ts';
import { statisticsFor } from './statistics.ts';

/**
 * Where one reviewer sits: all that a caller may see of the queue and do in it.
 *
 * An audit is evidence only where whoever labels it cannot tell it from what is in review by reason. So every
 * route for reviewers has a desk, and none has the store: what a desk gives is the same for both, before the
 * caller's answer and after it, however many people are asked (`OVERLAP`).
 *
 * - **Items** have nothing that follows from the decision: see review-item.ts.
 * - **What others do** is not told until it is final, and never of an item that the caller has answered: see
 *   seen-by.ts in the store. Lists go by the same states.
 * - **Numbers** count what the caller has done and what waits for them: see statistics.ts.
 * - **Times** of calls that answer are whole numbers of a step: see even-times.ts.
 * - **Outcomes** of a lease and of undo hang on the caller's own acts and on time: see reviewing.ts.
 * - **Callers who could look up what a reviewer must not know** are given no audits. Whoever holds `predict`,
 *   `export` or `admin` beside `review` could join what they see here with answers, exported labels or
 *   reasons. To them an audit is not there at all, but for `admin`: a lead may look at audits, in the list
 *   with its reasons and at the image, and is never given one to label.
 *
 * Where there are no keys everybody holds everything, and audits are not blind.
 */
export interface Desk {
  claim(request: { readonly limit: number; readonly leaseMs: number }): Promise<ClaimedItem[]>;
  /** @throws AccessError `forbidden` for a list that would tell which items are audits */
  list(filter: Listing): Promise<{ items: (ReviewItem | LeadItem)[]; nextCursor: string | null }>;
  find(id: PlainText): Promise<ReviewItem>;
  /** The image that the item shows. */
  image(id: PlainText): Promise<ImageFile>;
  /** Its bytes, to be asked for before it is loaded. */
  imageSize(id: PlainText): Promise<number>;
  /** PNG of the map of that image. */
  sensitivityMap(id: PlainText): Promise<Uint8Array>;
  /** @returns When the lease ends. */
  renew(id: PlainText, lease: PlainText, leaseMs: number): Promise<string>;
  putBack(id: PlainText, lease: PlainText, how: 'release' | 'skip'): Promise<void>;
  /** @throws HttpError `another_model` */
  label(id: PlainText, lease: PlainText, label: PlainText, note: PlainText | null): Promise<void>;
  discard(id: PlainText, lease: PlainText, note: PlainText | null): Promise<void>;
  /** @throws HttpError `another_model` where it says that none of the model's labels fits */
  finding(id: PlainText, lease: PlainText, finding: Finding, note: PlainText | null): Promise<void>;
  /** @throws HttpError `another_model` */
  undo(id: PlainText, leaseMs: number): Promise<ClaimedItem>;
  statistics(sinceMs: number): Promise<ReviewStatistics>;
}

type ImageFile = NonNullable<Awaited<ReturnType<CheckedStore['images']['get']>>>;

type Listing = Omit<Parameters<CheckedStore['items']['list']>[0], 'seenBy' | 'withoutAudits'>;

export interface DeskDeps {
  readonly store: Pick<CheckedStore, 'items' | 'images' | 'reviewing' | 'figures'>;
  readonly predictor: Pick<CheckedPredictor, 'sensitivityMap'>;
  readonly model: ServedModel;
  /** Whether reviewers see the machine's label now: the gate's `show_prediction`. */
  readonly showPrediction: () => boolean;
  readonly metrics: Metrics;
  /** An answer was given. */
  readonly onAnswered: () => void;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** The desk of a caller. */
export type DeskOf = (caller: Caller) => Desk;

export function createDesks(deps: DeskDeps): DeskOf {
  const { store, predictor, model, metrics, onAnswered, now } = deps;
  const { items, images, reviewing } = store;

  /** @param label Null where none fits. */
  const observe = ({ prediction, review }: StoredReview, label: string | null, reviewer: string): void => {
    // A repeat is `done` again, but it is one label.
    if (review.opinions.some((opinion) => opinion.reviewer === reviewer)) return;
    const { predictedLabel } = prediction;
    const { reasons, createdMs } = review;
    const agrees = predictedLabel === null ? null : predictedLabel === label;
    const leadSeconds = Math.max(0, now() - createdMs) / 1000;
    metrics.observeLabel({ reasons, agrees, leadSeconds, reviewer });
  };

  return (caller) => {
    const reviewer = caller.keyId;
    const isLead = caller.scopes.includes('admin');
    const onlyByReason = isGivenAudits(caller) ? {} : ({ withoutAudits: true } as const);
    const view = (): View => ({
      servedDigest: model.digest,
      showPrediction: deps.showPrediction(),
      viewer: reviewer,
    });

    /** @throws HttpError `unknown_item` */
    const visible = async (id: PlainText): Promise<StoredReview> => {
      const item = await items.find(id);
      if (item === null || (isAudit(item) && !isGivenAudits(caller) && !isLead)) throw unknownItem(id);
      return item;
    };

    /**
     * The item to be acted on. Whoever is given audits needs no look at it: the store knows who holds what.
     *
     * @throws HttpError `unknown_item`
     * @throws AccessError `forbidden`
     */
    const actable = async (id: PlainText): Promise<StoredReview> => {
      const item = await visible(id);
      if (isAudit(item) && !isGivenAudits(caller)) throw notForLeads(caller);
      return item;
    };
    const refuseAudits = async (id: PlainText): Promise<void> => {
      if (!isGivenAudits(caller)) await actable(id);
    };

    return {
      claim: async ({ limit, leaseMs }) => {
        const claims = await reviewing.claim({
          ...{ reviewer, limit, leaseMs, ...onlyByReason },
          modelDigest: asPlainText(model.digest),
        });
        return claims.map((claim) => claimedItem(claim, view()));
      },
      list: async (filter) => {
        if (!isLead) refuseTelling(filter, caller);
        const seen = isLead ? {} : { seenBy: reviewer, ...onlyByReason };
        const page = await items.list({ ...filter, ...seen });
        const shown = isLead ? leadItem : reviewItem;
        return { items: page.items.map((item) => shown(item, view())), nextCursor: page.nextCursor };
      },
      find: async (id) => reviewItem(await visible(id), view()),
      image: async (id) => {
        const file = await images.get(shownBy(await visible(id)));
        if (file === null) throw unknownItem(id);
        return file;
      },
      imageSize: async (id) => {
        const size = await images.size(shownBy(await visible(id)));
        if (size === null) throw unknownItem(id);
        return size;
      },
      sensitivityMap: async (id) => {
        const png = await predictor.sensitivityMap(shownBy(await visible(id)));
        if (png === null) throw unknownItem(id);
        return png;
      },
      renew: async (id, lease, leaseMs) => {
        await refuseAudits(id);
        requireDone(await reviewing.renew(id, { lease, reviewer }, leaseMs), id);
        const item = await items.find(id);
        if (item?.review.state !== 'claimed') throw leaseLost(id);
        return leaseEnd(item);
      },
      putBack: async (id, lease, how) => {
        await refuseAudits(id);
        requireDone(await reviewing.putBack(id, { lease, reviewer }, how), id);
      },
      label: async (id, lease, label, note) => {
        const before = await actable(id);
        requireSameModel(before, model);
        requireDone(await atEvenTimes(() => reviewing.label(id, lease, { label, reviewer, note })), id);
        observe(before, label, reviewer);
        onAnswered();
      },
      discard: async (id, lease, note) => {
        await refuseAudits(id);
        requireDone(await atEvenTimes(() => reviewing.discard(id, lease, { reviewer, note })), id);
        onAnswered();
      },
      finding: async (id, lease, finding, note) => {
        const before = await actable(id);
        const isNone = finding === 'none_of_these';
        if (isNone) requireSameModel(before, model);
        const given = { finding, reviewer, note };
        requireDone(await atEvenTimes(() => reviewing.discard(id, lease, given)), id);
        if (isNone) observe(before, null, reviewer);
        onAnswered();
      },
      undo: async (id, leaseMs) => {
        requireSameModel(await actable(id), model);
        const claim = await atEvenTimes(() => reviewing.undo(id, { reviewer, leaseMs }));
        if (typeof claim === 'string') throw refusedUndo(claim, id);
        return claimedItem(claim, view());
      },
      statistics: (sinceMs) => statisticsFor(store.figures, { caller, sinceMs, ...onlyByReason }),
    };
  };
}

function isAudit({ review }: StoredReview): boolean {
  return review.reasons.includes('audit');
}

/** The prediction whose image the item shows. */
function shownBy({ prediction }: StoredReview): PlainText {
  return asPlainText(prediction.id);
}

/** @throws AccessError `forbidden` for a list that would tell a reviewer which items are audits */
function refuseTelling(
  { reason, stream, order }: Pick<ListFilter, 'reason' | 'stream' | 'order'>,
  caller: Caller,
): void {
  if (reason !== undefined) requireScope(caller, 'admin', 'The filter "reason"');
  // Of a stream whose images are all automatic every item is an audit.
  if (stream !== undefined) requireScope(caller, 'admin', 'The filter "stream"');
  if (order === 'most_sensitive') requireScope(caller, 'admin', 'The order "most_sensitive"');
}

function notForLeads({ keyId }: Caller): AccessError {
  return new AccessError(
    'forbidden',
    `This item is an audit. An audit is blind, and key "${keyId}" may look up which items are: whoever ` +
      'has the scope "review" alone labels it.',
    { scope: 'review' },
  );
}

/** @throws HttpError `lease_lost` or `unknown_item` */
function requireDone(outcome: LeaseOutcome, id: string): void {
  if (outcome === 'unknown_item') throw unknownItem(id);
  if (outcome === 'lease_lost') throw leaseLost(id);
}

function leaseLost(id: string): HttpError {
  return new HttpError(
    'lease_lost',
    `The caller holds no such lease of item ${id}: it ran out, was given back, is somebody else's, or the ` +
      'item is answered. Claim again.',
  );
}

/** One data folder may have served several models, whose labels mean different things. */
export function requireSameModel({ prediction, review }: StoredReview, model: ServedModel): void {
  if (prediction.modelDigest === model.digest) return;
  throw new HttpError(
    'another_model',
    `Item ${review.id} was made by model ${prediction.modelDigest}; this service serves ` +
      `${model.name} ${model.digest}. Label it where its own model is served.`,
  );
}

const UNDO_REFUSALS: Readonly<Record<Exclude<UndoRefusal, 'unknown_item'>, string>> = {
  nothing_to_undo: 'There is no answer of yours on this item: it was never given, or is taken back already.',
  label_exported:
    'Labels of that time are exported, and somebody may have learnt from yours. To correct it, have the ' +
    'image predicted again and label it anew: the export then has that label too, later and with the same ' +
    'input hash.',
};

function refusedUndo(refusal: UndoRefusal, id: string): HttpError {
  return refusal === 'unknown_item' ? unknownItem(id) : new HttpError(refusal, UNDO_REFUSALS[refusal]);
}
