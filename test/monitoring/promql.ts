export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}

export interface ParsedQuery {
  readonly selectors: readonly Selector[];
  /** Labels that the query groups, matches or joins by. */
  readonly groupedBy: readonly string[];
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[A-Za-z_:][\w:]*|\d[\w.]*|=~|!~|!=|\S/g;
const NAME = /^[A-Za-z_:]/;
/** Before a list of labels in parentheses. */
const LABEL_LIST = new Set(['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']);
const OPERATOR = new Set(['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'inf', 'nan']);

/**
 * The names in a PromQL query: of metrics, of labels, and the values that labels are to have.
 *
 * It reads what queries of this project are made of. Whether a query is PromQL is for promtool to say, in
 * promtool.ops.ts.
 *
 * @throws SyntaxError where brackets do not match or a list of labels has something else in it
 */
export function parseQuery(query: string): ParsedQuery {
  const tokens = query.match(TOKEN) ?? [];
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  let position = 0;
  const fail = (): never => {
    throw new SyntaxError(`no PromQL at ${tokens.slice(position, position + 3).join(' ')}: ${query}`);
  };
  /**
   * What stands from here to `end`, in groups of `size` with commas between; each token must fit its pattern.
   */
  const list = (end: string, ...patterns: readonly RegExp[]): readonly string[][] => {
    const groups: string[][] = [];
    for (position++; tokens[position] !== end;) {
      const group = tokens.slice(position, position + patterns.length);
      if (group.length < patterns.length || !group.every((token, i) => patterns[i]!.test(token))) fail();
      groups.push(group);
      position += patterns.length;
      if (tokens[position] === ',') position++;
      else if (tokens[position] !== end) fail();
    }
    return groups;
  };
  const open: string[] = [];
  for (; position < tokens.length; position++) {
    const token = tokens[position]!;
    const next = tokens[position + 1] ?? '';
    if ('([{'.includes(token)) open.push(token);
    else if (')]}'.includes(token) && '([{'[')]}'.indexOf(token)] !== open.pop()) fail();
    if (!NAME.test(token) || OPERATOR.has(token)) continue;
    if (LABEL_LIST.has(token)) {
      if (next !== '(') continue;
      position++;
      for (const label of list(')', NAME).flat()) groupedBy.push(label);
      continue;
    }
    // A function, or an aggregation before its labels.
    if (next === '(' || LABEL_LIST.has(next)) continue;
    let matchers: readonly string[][] = [];
    if (next === '{') {
      position++;
      matchers = list('}', NAME, /^(=|!=|=~|!~)$/, /^"/);
    }
    selectors.push({
      metric: token,
      matchers: matchers.map(([label, operator, value]) => ({
        label: label!,
        operator: operator!,
        value: value!.slice(1, -1),
      })),
    });
  }
  if (open.length > 0) fail();
  return { selectors, groupedBy };
}
