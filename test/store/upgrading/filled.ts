import type { ReviewState } from '../../../src/store/review-status.ts';
import { modelDigest, noonMs, prediction } from '../../../support/store-fixture.ts';
import type { OldDatabase, Row } from './old-database.ts';

/** What the schema of a release has, as far as it decides what is written. */
export interface Release {
  /** Whether items name their model. */
  readonly hasModels: boolean;
  /**
   * Whether there are opinions, outcomes beside the label, assignments, histories and the order of export.
   */
  readonly hasOutcomes: boolean;
  readonly hasRequestKeys: boolean;
  readonly hasTrail: boolean;
  /** Whether an item has an id of its own, and records name their caller. */
  readonly hasItemsApart: boolean;
  /** Whether records and items name their stream. */
  readonly hasStreams: boolean;
  /** Whether items repeat who has answered, as in PostgreSQL. */
  readonly repeatsAnswers: boolean;
}

export interface Given {
  readonly reviewer: string;
  readonly label: string | null;
  readonly note: string | null;
}

/** An input of that time, with what had become of it. */
export interface Fact {
  readonly id: string;
  readonly decision: 'auto' | 'review';
  readonly reasons: readonly string[];
  readonly priority: number;
  readonly model: string;
  /** Null where nobody looks at it. */
  readonly state: ReviewState | null;
  readonly opinions: readonly Given[];
  /** Place in the order of export. */
  readonly place: number | null;
  readonly assignedTo: string | null;
  readonly createdMs: number;
  /** When it became final, or was last answered. */
  readonly decidedMs: number;
}

const openedMs = noonMs - 60_000;
export const leaseEndsMs = noonMs + 60_000;

const ada = (label: string | null, note: string | null = null): Given => ({ reviewer: 'ada', label, note });
const ben = (label: string | null, note: string | null = null): Given => ({ reviewer: 'ben', label, note });

function facts(all: readonly (Partial<Fact> & { readonly id: string })[], first: number): readonly Fact[] {
  return all.map((fields, i) => ({
    decision: fields.state === undefined ? 'auto' : 'review',
    reasons: fields.state === undefined ? [] : ['sensitive'],
    priority: 0.5,
    model: modelDigest,
    state: null,
    opinions: [],
    place: null,
    assignedTo: null,
    createdMs: openedMs + first + i,
    decidedMs: openedMs + 1000 + first + i,
    ...fields,
  }));
}

/** What every release could hold. */
const ofAll = facts(
  [
    { id: 'free', state: 'pending', priority: 9 },
    { id: 'held', state: 'claimed', priority: 8 },
    { id: 'lapsed', state: 'pending', priority: 7 },
    { id: 'skipped', state: 'pending', priority: 10 },
    // Before all others then, behind them now.
    { id: 'unmeasured', state: 'pending', priority: Number.MAX_VALUE },
    { id: 'of-another', state: 'pending', priority: 20, model: 'sha256:another' },
    {
      id: 'done',
      state: 'labelled',
      reasons: ['sensitive', 'unconfident'],
      opinions: [ada('Coat', 'lapels')],
    },
    { id: 'auto' },
  ],
  0,
);

/** What has been since there are outcomes. */
const ofOutcomes = facts(
  [
    { id: 'audited', decision: 'auto', reasons: ['audit'], state: 'labelled', opinions: [ben('Shirt')] },
    { id: 'sealed-auto', place: 2 },
    { id: 'sealed', state: 'labelled', opinions: [ada('Shirt')], place: 1 },
    { id: 'torn', state: 'discarded', opinions: [ben(null, 'torn')] },
    { id: 'disputed', state: 'disputed', opinions: [ada('Bag'), ben('Coat')] },
    { id: 'half', state: 'pending', priority: 1, opinions: [ada('Bag')], assignedTo: 'cleo' },
  ],
  10,
);

export const factsOf = ({ hasOutcomes }: Release): readonly Fact[] =>
  hasOutcomes ? [...ofAll, ...ofOutcomes] : ofAll;

/** By which items are in order now. */
export const placeOf = ({ priority }: Pick<Fact, 'priority'>): number =>
  priority === Number.MAX_VALUE ? -priority : priority;

export const imageBytes = Uint8Array.from([0, 1, 254, 255]);
export const isDecided = ({ state }: Fact): boolean =>
  state === 'labelled' || state === 'discarded' || state === 'disputed';

/** Writes all that a release could hold, as it wrote it. */
export async function fill(db: OldDatabase, release: Release): Promise<void> {
  for (const fact of factsOf(release)) {
    await db.insert('predictions', predictionRow(fact, release));
    if (fact.state !== null) await writeItem(db, fact, release);
    else if (release.hasOutcomes) await db.insert('labels', { id: fact.id, decided_ms: fact.createdMs });
  }
  await db.insert('skips', { id: 'skipped', reviewer: 'cleo', skipped_ms: openedMs });
  if (release.hasOutcomes) await seal(db);
  if (release.hasRequestKeys) {
    const request = { caller: 'shop', key: 'order-7', fingerprint: 'f', ids: ['free', 'auto'] };
    await db.insert('idempotency_keys', { ...request, recorded_ms: openedMs });
  }
  if (!release.hasTrail) return;
  const gate = { from: null, to: { id: 'gate-1' } };
  await db.insert('service_events', { at_ms: openedMs, act: 'gate_changed', who: null, detail: gate });
  const exported = { act: 'labels_exported', who: 'trainer', detail: { format: 'jsonl' } };
  await db.insert('service_events', { at_ms: openedMs + 1, ...exported });
}

function predictionRow(fact: Fact, { hasOutcomes, hasItemsApart, hasStreams }: Release): Row {
  const { id, createdMs, model, decision, reasons, priority } = fact;
  const record = prediction({ id });
  return {
    id,
    created_ms: createdMs,
    input_hash: record.inputHash,
    model_digest: model,
    gate_id: record.gateId,
    decision,
    reasons,
    predicted_label: record.predictedLabel,
    priority,
    answer: record.answer,
    ...(hasOutcomes && { inclusion_probability: decision === 'auto' ? 0.01 : 1 }),
    ...(hasItemsApart && { caller: record.caller, item_id: fact.state === null ? null : id }),
    ...(hasStreams && { stream: 'camera-1' }),
  };
}

async function writeItem(db: OldDatabase, fact: Fact, release: Release): Promise<void> {
  const { id, createdMs, model, reasons, priority, assignedTo } = fact;
  const rank = release.hasItemsApart ? -placeOf(fact) : -priority;
  const most = Math.max(1, fact.state === 'pending' ? fact.opinions.length + 1 : fact.opinions.length);
  await db.insert('items', {
    id,
    rank,
    created_ms: createdMs,
    ...(release.hasModels && { model_digest: model }),
    ...(release.hasOutcomes && { agree: most, most, has_image: id !== 'torn', assigned_to: assignedTo }),
    ...(release.hasStreams && { stream: 'camera-1' }),
    ...(release.hasItemsApart && {
      prediction_id: id,
      caller: fact.decision === 'auto' ? null : prediction({ id }).caller,
      inclusion_probability: fact.decision === 'auto' ? 0.01 : null,
    }),
  });
  for (const reason of reasons) await db.insert('item_reasons', { id, reason, rank, created_ms: createdMs });
  if (id !== 'torn') await db.insert('images', { id, content_type: 'image/png', bytes: imageBytes });
  if (release.hasOutcomes) await writeOpinions(db, fact, release);
  else if (isDecided(fact)) await labelAsInTheFirstRelease(db, fact);
  if (id === 'held') await lease(db, id, 'ada', leaseEndsMs);
  if (id === 'lapsed') await lease(db, id, 'ben', openedMs + 1);
}

const lease = (db: OldDatabase, id: string, reviewer: string, lease_expires_ms: number): Promise<void> =>
  db.update('items', id, { lease: `${id}-lease`, reviewer, lease_expires_ms, claims: 1 });

async function writeOpinions(db: OldDatabase, fact: Fact, release: Release): Promise<void> {
  const { id, state, opinions, decidedMs: given_ms } = fact;
  for (const { reviewer, label, note } of opinions) {
    await db.insert('opinions', { id, reviewer, label, note, given_ms, lease: `${id}-lease` });
    const act = label === null ? 'discarded' : 'labelled';
    await db.insert('events', { id, at_ms: given_ms, act, who: reviewer, detail: label ?? note });
  }
  if (release.repeatsAnswers)
    await db.update('items', id, { answered: opinions.map(({ reviewer }) => reviewer) });
  if (!isDecided(fact)) return;
  const { reviewer, label, note } = opinions.at(-1)!;
  const final = state === 'labelled' ? label : null;
  // The database itself sees to totals, reasons, and the label to export.
  await db.update('items', id, {
    outcome: state,
    label: final,
    decided_by: reviewer,
    decided_ms: given_ms,
    note,
  });
  if (id === 'torn') await db.insert('events', { id, at_ms: given_ms + 1, act: 'image_deleted' });
}

/** The answer stood in the item, which kept its lease. */
async function labelAsInTheFirstRelease(db: OldDatabase, { id, opinions, decidedMs }: Fact): Promise<void> {
  const { reviewer, label, note } = opinions[0]!;
  await lease(db, id, reviewer, leaseEndsMs);
  await db.update('items', id, { label, labelled_by: reviewer, labelled_ms: decidedMs, note });
}

/** What was exported before has its place. */
async function seal(db: OldDatabase): Promise<void> {
  for (const { id, place } of ofOutcomes)
    if (place !== null) await db.update('labels', id, { place, exported_ms: noonMs - 1 });
}
