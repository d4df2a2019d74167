import { z } from 'zod';
import type { Dialect } from '../shared/dialect.ts';
import { heldAt } from '../shared/live-leases.ts';

/**
 * SQLite's own words. JSON and arrays are texts, and truth is a number.
 *
 * Without statistics SQLite takes whichever index it finds first, and would rather walk a million open items
 * in order than sort the few that are held: hence INDEXED BY.
 */
export const dialect: Dialect<string> = {
  query: (text) => text,
  typed: (value) => value,
  limit: () => ':count',
  equal: (column, value) => `${column} IS ${value}`,
  among: (column, list) => `${column} IN (SELECT value FROM json_each(${list}))`,
  list: (texts) => JSON.stringify(texts),
  byIndex: (table, index) => `${table} INDEXED BY ${index}`,
  answered: (how) => `(
    SELECT id AS answered_id FROM opinions WHERE reviewer = :seenBy AND undecided = 1 AND ${how}
    ) CROSS JOIN items ON items.id = answered_id WHERE true`,
  textAsJson: (column) => column,
  now: ':now',
  inOrder: 'CROSS JOIN',
  held: `items INDEXED BY items_leased WHERE outcome = 'open' AND ${heldAt(':now')}`,
  notAnswered: 'NOT EXISTS (SELECT 1 FROM opinions o WHERE o.id = items.id AND o.reviewer = :seenBy)',
  opinions: `
    (SELECT json_group_array(json_object('reviewer', reviewer, 'label', label, 'finding', finding, 'note', note,
       'givenMs', given_ms))
     FROM (SELECT * FROM opinions o WHERE o.id = i.id ORDER BY o.given_ms, o.reviewer))`,
  json: z.string().transform((text): unknown => JSON.parse(text)),
  flag: z.literal([0, 1]).transform((number) => number === 1),
};
