import type { z } from 'zod';

/** Values of a query's parameters, by name. */
export type Values = Readonly<Record<string, unknown>>;

/** Runs a query that only reads, at the store's time `:now`, and gives its rows as the database does. */
export type ReadRows<Query> = (query: Query, values: Values) => Promise<readonly unknown[]>;

/** Where SQL that is otherwise the same differs between the databases, and so do the values in a row. */
export interface Dialect<Query> {
  /**
   * The query of a text whose parameters are written `:name`; `name` where it is worth preparing for good.
   */
  readonly query: (text: string, name?: string) => Query;
  /** The parameter or literal as a value of that type, where the database must be told. */
  readonly typed: (value: string, type: 'bigint' | 'float8' | 'text') => string;
  /** The limit of a list of `count` rows: the number, or `:count`. */
  readonly limit: (count: number) => string;
  /** Whether a column has the value, which may be null; by index. */
  readonly equal: (column: string, value: string) => string;
  /** Whether a column is one of a list of texts that `list` has made the parameter's value. */
  readonly among: (column: string, list: string) => string;
  /** A list of texts, as `among` reads it. */
  readonly list: (texts: readonly string[]) => unknown;
  /** The table, read by that index and no other. */
  readonly byIndex: (table: string, index: string) => string;
  /**
   * The rows of `items` on which `:seenBy` has answered `how`, in words of `opinions`, and which are not
   * final.
   */
  readonly answered: (how: string) => string;
  /** A text as a value of JSON, so that it stands in one column with others. */
  readonly textAsJson: (column: string) => string;
  /** Milliseconds since 1970 on the store's clock. */
  readonly now: string;
  /** A join whose left side is read first. */
  readonly inOrder: 'CROSS JOIN' | 'JOIN';
  /** The rows of `items` that are held. */
  readonly held: string;
  /** That `:seenBy` has said nothing of a row of `items`. */
  readonly notAnswered: string;
  /** The opinions on a row `i` of `items`, oldest first, as one array of JSON. */
  readonly opinions: string;
  /** A column of JSON, or an array. */
  readonly json: z.ZodType;
  /** A column that is true or false. */
  readonly flag: z.ZodType<boolean>;
}
