import { z } from 'zod';
import type { Dialect } from '../shared/dialect.ts';
import { heldAt } from '../shared/live-leases.ts';
import { NOW, type Statement, statement } from './sql.ts';

/**
 * PostgreSQL's own words. JSON, arrays and truth come parsed.
 *
 * A limit is a literal, because from an unknown one the planner expects a tenth of the table and sorts it.
 * OFFSET 0 keeps it from walking all items in order for the few that are held or answered.
 */
export const dialect: Dialect<Statement> = {
  query: (text, name = '') => statement(name, text),
  typed: (value, type) => `${value}::${type}`,
  limit: (count) => String(Math.trunc(count)),
  equal: (column, value) => `(${column} = ${value}::text OR ${column} IS NULL AND ${value}::text IS NULL)`,
  among: (column, list) => `${column} = ANY (${list}::text[])`,
  list: (texts) => [...texts],
  byIndex: (table) => table,
  answered: (how) => `(
    SELECT i.* FROM opinions JOIN items i ON i.id = opinions.id
    WHERE opinions.reviewer = :seenBy AND opinions.undecided AND ${how} OFFSET 0) items WHERE true`,
  textAsJson: (column) => `to_json(${column})`,
  now: NOW,
  inOrder: 'JOIN',
  held: `(
    SELECT * FROM items WHERE outcome = 'open' AND ${heldAt(NOW)} OFFSET 0) items WHERE true`,
  notAnswered: ':seenBy::text <> ALL (answered)',
  opinions: `
    (SELECT coalesce(json_agg(json_build_object('reviewer', reviewer, 'label', label, 'finding', finding, 'note', note,
       'givenMs', given_ms) ORDER BY given_ms, reviewer), '[]')
     FROM opinions o WHERE o.id = i.id)`,
  json: z.unknown(),
  flag: z.boolean(),
};
