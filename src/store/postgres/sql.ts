/** A statement with named parameters, which the server prepares once per connection under `name`. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly string[];
}

/** Reads `:name` as a parameter; `::type` stays a cast. */
export function statement(name: string, sql: string): Statement {
  const parameters: string[] = [];
  const text = sql.replaceAll(/(?<!:):([a-z]\w*)/gi, (_, parameter: string) => {
    if (!parameters.includes(parameter)) parameters.push(parameter);
    return `$${parameters.indexOf(parameter) + 1}`;
  });
  return { name, text, parameters };
}

/**
 * Milliseconds since 1970 on the database server's clock, the only one that decides; `:now` is null but in
 * tests. The time of the statement, not of the transaction: whoever waited for a lock must not act in the
 * past.
 */
export const NOW = `coalesce(:now::bigint, (extract(epoch FROM statement_timestamp()) * 1000)::bigint)`;
