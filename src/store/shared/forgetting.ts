import { z } from 'zod';
import type { ForgetFilter, Forgetting, IdPage, LeftItem } from '../forgetting.ts';
import { inBatches } from './batches.ts';
import type { Dialect, ReadRows } from './dialect.ts';

const RECORDS_AT_ONCE = 200;

const idRows = z.array(z.object({ id: z.string() }));
const timedRows = z.array(z.object({ id: z.string(), created_ms: z.number() }));

/** Reads rows of `id` and `stays`, of items. */
export function leftItems({ flag }: Pick<Dialect<unknown>, 'flag'>) {
  const itemRows = z.array(z.object({ id: z.string(), stays: flag }));
  return (rows: readonly unknown[]): readonly LeftItem[] => itemRows.parse(rows);
}

/** Finds what is to be deleted. */
export function findingRecords<Query>(
  { query, typed }: Dialect<Query>,
  rows: ReadRows<Query>,
): Pick<Forgetting, 'matching' | 'oldRecords' | 'wasForgotten'> {
  const forgotten = query(
    `SELECT id FROM events WHERE id = ${typed(':id', 'text')} AND act = 'forgotten' LIMIT 1`,
    'forgotten',
  );
  // A range of predictions_by_time. What somebody still has to look at is passed over, once.
  const old = query(
    `SELECT p.id, p.created_ms FROM predictions p LEFT JOIN items i ON i.id = p.item_id
     WHERE p.created_ms < ${typed(':before', 'bigint')}
       AND (p.created_ms, p.id) > (${typed(':afterMs', 'bigint')}, ${typed(':afterId', 'text')})
       AND NOT EXISTS (SELECT 1 FROM kept_images k WHERE k.id = p.id AND k.due_ms IS NOT NULL)
       AND (i.id IS NULL AND p.decision = 'auto' OR i.outcome IN ('labelled', 'discarded'))
     ORDER BY p.created_ms, p.id LIMIT ${typed(':count', 'bigint')}`,
    'old_records',
  );

  return {
    wasForgotten: async (id) => (await rows(forgotten, { id })).length > 0,
    oldRecords: async (before, after, count): Promise<IdPage> => {
      const [, afterMs = '-1', afterId = ''] = /^(\d+) (.*)$/.exec(after ?? '') ?? [];
      const found = timedRows.parse(await rows(old, { before, afterMs: Number(afterMs), afterId, count }));
      const last = found.at(-1);
      return {
        ids: found.map(({ id }) => id),
        next: last === undefined || found.length < count ? null : `${last.created_ms} ${last.id}`,
      };
    },
    matching: async (filter, after, count): Promise<IdPage> => {
      const text = `SELECT id FROM predictions WHERE id > ${typed(':after', 'text')} ${wanted(filter, typed)}
        ORDER BY id LIMIT ${typed(':count', 'bigint')}`;
      const found = idRows.parse(await rows(query(text), { ...filter, after: after ?? '', count }));
      const last = found.at(-1);
      return {
        ids: found.map(({ id }) => id),
        next: last === undefined || found.length < count ? null : last.id,
      };
    },
  };
}

function wanted({ inputHash, caller, beforeMs }: ForgetFilter, typed: Dialect<unknown>['typed']): string {
  return [
    inputHash === undefined ? '' : `AND input_hash = ${typed(':inputHash', 'text')}`,
    caller === undefined ? '' : `AND caller = ${typed(':caller', 'text')}`,
    beforeMs === undefined ? '' : `AND created_ms < ${typed(':beforeMs', 'bigint')}`,
  ].join(' ');
}

/** Deletes old records, some at a time; returns how many. */
export async function deleteOldRecords(
  forgetting: Pick<Forgetting, 'oldRecords' | 'remove'>,
  createdBeforeMs: number,
): Promise<number> {
  let deleted = 0;
  let after: string | null = null;
  await inBatches(RECORDS_AT_ONCE, async (most) => {
    const page: IdPage = await forgetting.oldRecords(createdBeforeMs, after, most);
    deleted += (await forgetting.remove(page.ids, { act: 'aged' })).length;
    after = page.next;
    return page.ids.length;
  });
  return deleted;
}

/** Ids of all predictions that are meant. */
export async function allMatching(
  forgetting: Pick<Forgetting, 'matching'>,
  filter: ForgetFilter,
): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const page: IdPage = await forgetting.matching(filter, after, RECORDS_AT_ONCE);
    for (const id of page.ids) ids.push(id);
    after = page.next;
  } while (after !== null);
  return ids;
}
