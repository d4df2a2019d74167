import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Finding, Overlaps } from '../src/store/opinions.ts';
import type { ImageFile } from '../src/images/image-file.ts';
import type { ExportedLabel, ExportRequest } from '../src/store/labels.ts';
import type { PredictionRecord } from '../src/store/prediction-record.ts';
import type { StoredReview } from '../src/store/review-status.ts';
import type { Claim, ClaimRequest, Hold } from '../src/store/reviewing.ts';
import type { Store } from '../src/store/store.ts';
import { recordOne } from './record-one.ts';

/** The only clock that a queue under test reads; it moves when a test moves it. */
export interface TestClock {
  ms: number;
}

/** An empty store of its own for one test. */
export interface TestStore {
  /** Opens a queue over the store; several may be open at once, as of several processes. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

/** What holds for items of a store under test; one person and any number of items where absent. */
export interface TestLimits {
  readonly overlaps?: Overlaps;
  readonly maxOpenItems?: number;
}

export type CreateStore = (clock: TestClock, limits?: TestLimits) => Promise<TestStore>;

export interface Fixture {
  readonly queue: Store;
  readonly clock: TestClock;
  /** Another queue over the same store. */
  readonly openAnother: () => Promise<Store>;
}

export type OpenFixture = (t: TestContext, overlaps?: Overlaps, maxOpenItems?: number) => Promise<Fixture>;

/** Noon of 1 January 2026, when every test starts. */
export const noonMs = Date.UTC(2026, 0, 1, 12);

export const minuteMs = 60_000;

/** Gives each test a queue over an empty store, and removes both when it ends. */
export function fixtures(create: CreateStore): OpenFixture {
  return async (t, overlaps = {}, maxOpenItems = Infinity) => {
    const clock: TestClock = { ms: noonMs };
    const store = await create(clock, { overlaps, maxOpenItems });
    const opened: Store[] = [];
    t.after(async () => {
      for (const queue of opened) await queue.close();
      await store.remove();
    });
    const openAnother = async (): Promise<Store> => {
      const queue = await store.open();
      opened.push(queue);
      return queue;
    };
    return { queue: await openAnother(), clock, openAnother };
  };
}

/** The model of a record that names no other. */
export const modelDigest = 'sha256:60303ae22b998861';

/** A claim by `reviewer` for that model. */
export function by(reviewer: string, limit: number, leaseMs: number): ClaimRequest {
  return { reviewer, modelDigest, limit, leaseMs };
}

/** The lease of a claim, as its holder shows it. */
export function holdOf({ lease, review }: Claim): Hold {
  assert.ok(review.reviewer !== null, 'expected the claim to name its holder');
  return { lease, reviewer: review.reviewer };
}

/** A record in review, of which a test names only what it is about. */
export function prediction(fields: Partial<PredictionRecord> & { readonly id: string }): PredictionRecord {
  return {
    caller: 'shop',
    stream: null,
    createdMs: noonMs,
    inputHash: '9f86d081884c7d65',
    modelDigest,
    gateId: 'gate-1',
    decision: 'review',
    reasons: ['sensitive'],
    inclusionProbability: 1,
    predictedLabel: 'Shirt',
    priority: 0.5,
    answer: {
      id: fields.id,
      prediction: { label: 'Shirt', probability: 0.61 },
      gate: null,
      top: [1, 'two', true],
    },
    ...fields,
  };
}

/** Records an automatic answer that is drawn for an audit, whose item has the id `auditOf`. */
export async function recordAudit(queue: Store, fields: Parameters<typeof prediction>[0]): Promise<void> {
  const record = prediction({ decision: 'auto', reasons: [], inclusionProbability: 0.01, ...fields });
  const { id, createdMs, priority, inclusionProbability } = record;
  await recordOne(queue, record, null);
  await queue.keeping.keep([
    { id, image: null, bytes: 0, keptMs: createdMs, inclusionProbability, dueMs: createdMs },
  ]);
  const entry = { predictionId: id, itemId: auditOf(id), createdMs, priority };
  assert.equal(await queue.keeping.enter([entry]), 1, `the audit of ${id} did not enter the queue`);
}

/** The id of the item that `recordAudit` makes. */
export const auditOf = (predictionId: string): string => `audit-${predictionId}`;

/** How the item of a record in review by reason came to be. */
export function entryOf({ id, createdMs, priority, reasons }: PredictionRecord) {
  return { id, createdMs, priority, reasons, inclusionProbability: null };
}

/** Records items `a`, `b`, `c`…, each with the priority given for it, one millisecond after the other. */
export async function recordItems(queue: Store, priorities: Readonly<Record<string, number>>): Promise<void> {
  const entries = Object.entries(priorities);
  await Promise.all(
    entries.map(([id, priority], i) =>
      recordOne(queue, prediction({ id, priority, createdMs: noonMs + i }), null),
    ),
  );
}

/** Seals what is final, as whoever exports does, and reads behind `since`. */
export async function sealAndRead(
  { labels }: Pick<Store, 'labels'>,
  request: ExportRequest = { since: null },
): Promise<ExportedLabel[]> {
  const { limit } = request;
  await labels.seal({ who: 'trainer', ...(limit === undefined ? {} : { limit }) });
  return readSealed({ labels }, request);
}

/** What reading alone gives. */
export async function readSealed(
  { labels }: Pick<Store, 'labels'>,
  request: ExportRequest = { since: null },
): Promise<ExportedLabel[]> {
  const given: ExportedLabel[] = [];
  for await (const label of labels.exportLabels(request)) given.push(label);
  return given;
}

export function imageOf(...bytes: readonly number[]): ImageFile {
  return { bytes: Uint8Array.from(bytes), contentType: 'image/png' };
}

/** The ids of what a claim or a page holds, in its order. */
export function idsOf(items: readonly StoredReview[]): string[] {
  return items.map(({ review }) => review.id);
}

/** Claims what comes first for `reviewer` and says what is found; returns the claim. */
export async function findNext(queue: Store, reviewer: string, finding: Finding): Promise<Claim> {
  const [claim] = await queue.reviewing.claim(by(reviewer, 1, minuteMs));
  assert.ok(claim, `nothing waits for ${reviewer}`);
  assert.equal(
    await queue.reviewing.discard(claim.review.id, claim.lease, { reviewer, finding, note: null }),
    'done',
  );
  return claim;
}

/** Claims what comes first for `reviewer` and labels it; returns the claim. */
export async function labelNext(queue: Store, reviewer: string, label: string): Promise<Claim> {
  const [claim] = await queue.reviewing.claim(by(reviewer, 1, minuteMs));
  assert.ok(claim, `nothing waits for ${reviewer}`);
  assert.equal(
    await queue.reviewing.label(claim.review.id, claim.lease, { label, reviewer, note: null }),
    'done',
  );
  return claim;
}
