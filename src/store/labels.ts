import { StoreError } from './store-error.ts';

/** The one final label of an input: the person's where it is in review, else the machine's. */
export interface ExportedLabel {
  /** Place in the order of export; give the last one received as `since` to go on behind it. */
  readonly cursor: string;
  readonly id: string;
  readonly label: string;
  readonly source: 'machine' | 'human';
  /** Who gave this label, in the order in which they did; empty for the machine's. */
  readonly reviewers: readonly string[];
  readonly note: string | null;
  readonly createdMs: number;
  /** When the label became final. */
  readonly decidedMs: number;
  readonly reasons: readonly string[];
  readonly inclusionProbability: number;
  /** What the machine says, whoever decided. */
  readonly predictedLabel: string | null;
  readonly modelDigest: string;
  readonly gateId: string | null;
  readonly inputHash: string;
}

export interface ExportRequest {
  /** Cursor of the last label that the consumer has; null from the start. */
  readonly since: string | null;
  /** Labels at most; all that are final where absent. */
  readonly limit?: number;
}

/** Final labels for those who train on them. */
export interface Labels {
  /**
   * Final labels in a total order that never changes, each once. Those that are given can no longer be undone.
   *
   * @throws StoreError `bad_cursor`
   */
  exportLabels(request: ExportRequest): AsyncIterable<ExportedLabel>;
}

/** Labels that are read, and so made final, at a time. */
const PAGE = 500;

/** Joins pages into one stream: no more than `limit` labels are taken, so that no others become final by being read. */
export async function* streamLabels(
  { since, limit = Infinity }: ExportRequest,
  readPage: (after: number, count: number) => Promise<readonly ExportedLabel[]>,
): AsyncGenerator<ExportedLabel, void, undefined> {
  let after = decodePlace(since);
  for (let left = limit; left > 0;) {
    const count = Math.min(PAGE, left);
    const page = await readPage(after, count);
    yield* page;
    if (page.length < count) return;
    left -= page.length;
    after = decodePlace(page.at(-1)!.cursor);
  }
}

/** @throws StoreError `bad_cursor` */
export function decodePlace(cursor: string | null): number {
  if (cursor === null) return 0;
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new StoreError('bad_cursor', 'since: expected the cursor of an exported label, got other text');
}
