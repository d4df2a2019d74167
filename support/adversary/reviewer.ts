import type { ClaimedItem, ReviewItem } from '../../src/wire/review-items.ts';
import { noteAnswer, noteJson, type Notes } from './notes.ts';

/** The service as one caller has it. */
export interface Access {
  readonly get: (path: string) => Promise<Response>;
  readonly post: (path: string, body: unknown) => Promise<Response>;
  readonly put: (path: string, body: unknown) => Promise<Response>;
}

export interface Curiosity {
  /** Items of one claim at most. */
  readonly batch: number;
  readonly label: string;
  /** Whether to look closer at an item: its map, a renewal, a release, an undo. Drawn for each of them. */
  readonly closer: () => boolean;
  /** Whether to say of an item that no label fits. Drawn for each of them. */
  readonly findsNone: () => boolean;
}

const STATISTICS = '/v1/reviews/statistics';

/**
 * A reviewer who wants to know which items are audits, and writes down whatever the service gives: lists in
 * every order that it takes, the order of claims, each item and its image, statistics before and after each
 * answer of their own, what becomes of a lease, of an undo and of a call made twice, headers, sizes, times.
 *
 * @returns What was noted, by item.
 */
export async function reviewCuriously(access: Access, curiosity: Curiosity): Promise<Map<string, Notes>> {
  const all = new Map<string, Notes>();
  const notesOf = (id: string): Notes => {
    const known = all.get(id) ?? new Map<string, number | string>();
    all.set(id, known);
    return known;
  };
  await noteLists(access, notesOf, 'before');
  const answered: ClaimedItem[] = [];
  for (let place = 0, batch = 0; ; batch++) {
    const whole: Notes = new Map();
    const asked = () => access.post('/v1/reviews/claim', { limit: curiosity.batch });
    const claimed = (await noteAnswer(whole, 'claim', asked)) as ClaimedItem[];
    if (claimed.length === 0) break;
    for (const [k, item] of claimed.entries()) {
      const notes = notesOf(item.id);
      noteJson(notes, 'claimed', item);
      noteJson(notes, 'place', { of: place++, inBatch: k, batch, took: whole.get('claim took') });
    }
    for (const item of claimed) {
      const kept = await answer(access, item, notesOf(item.id), curiosity);
      if (kept) answered.push(item);
    }
  }
  await noteLists(access, notesOf, 'after');
  for (const { id, href } of answered) await noteAnswer(notesOf(id), 'afterwards', () => access.get(href));
  return all;
}

async function noteLists(access: Access, notesOf: (id: string) => Notes, when: string): Promise<void> {
  for (const state of ['', 'pending', 'claimed', 'labelled', 'discarded', 'disputed']) {
    const found: ReviewItem[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ limit: '100', ...(cursor && { cursor }), ...(state && { state }) });
      const page = (await (await access.get(`/v1/reviews?${query.toString()}`)).json()) as {
        items: ReviewItem[];
        next_cursor: string | null;
      };
      for (const one of page.items) found.push(one);
      cursor = page.next_cursor;
    }
    for (const [place, item] of found.entries()) {
      const [newer, older] = [found[place - 1], found[place + 1]];
      const at = Date.parse(item.created_at);
      noteJson(notesOf(item.id), `list ${state} ${when}`, {
        item,
        place,
        newer: newer === undefined ? null : Date.parse(newer.created_at) - at,
        older: older === undefined ? null : at - Date.parse(older.created_at),
      });
    }
  }
}

/** @returns Whether the item was answered, and not given back. */
async function answer(
  access: Access,
  { id, href, lease }: ClaimedItem,
  notes: Notes,
  { label, closer, findsNone }: Curiosity,
): Promise<boolean> {
  await noteAnswer(notes, 'item', () => access.get(href));
  await noteAnswer(notes, 'image', () => access.get(`${href}/image`));
  if (closer()) await noteAnswer(notes, 'map', () => access.get(`${href}/sensitivity.png`));
  if (closer()) await noteAnswer(notes, 'renew', () => access.post(`${href}/renew`, { lease }));
  if (closer()) {
    await noteAnswer(notes, 'release', () => access.post(`${href}/release`, { lease }));
    return false;
  }
  const before = await statistics(access);
  const [path, said] = findsNone() ? ['finding', { finding: 'none_of_these' }] : ['label', { label }];
  const give = (by: string) => () => access.put(`${href}/${path}`, { ...said, lease: by });
  await noteAnswer(notes, 'label', give(lease));
  noteJson(notes, 'statistics', differences(before, await statistics(access)));
  await noteAnswer(notes, 'item after', () => access.get(href));
  await noteAnswer(notes, 'renew after', () => access.post(`${href}/renew`, { lease }));
  if (closer()) {
    await noteAnswer(notes, 'label again', give(lease));
    await noteAnswer(notes, 'image after', () => access.get(`${href}/image`));
    const undone = (await noteAnswer(notes, 'undo', () => access.post(`${href}/undo`, {}))) as ClaimedItem;
    noteJson(notes, 'statistics undone', differences(before, await statistics(access)));
    await noteAnswer(notes, 'label anew', give(undone.lease));
  }
  noteJson(notes, 'statistics at last', differences(before, await statistics(access)));
  notes.set('id', id.length);
  return true;
}

async function statistics(access: Access): Promise<Map<string, number | string>> {
  const notes: Notes = new Map();
  noteJson(notes, 'of', await (await access.get(STATISTICS)).json());
  return notes;
}

/** By how much each number moved; words as they are afterwards, and what came or went. */
function differences(before: Notes, after: Notes): Record<string, number | string | null> {
  const names = new Set([...before.keys(), ...after.keys()]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [was, is] = [before.get(name), after.get(name)];
      if (typeof was === 'number' && typeof is === 'number') return [name, is - was];
      return [name, is ?? null];
    }),
  );
}
