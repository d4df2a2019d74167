import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

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

/**
 * What a PromQL query asks for, by Prometheus's own grammar.
 *
 * @throws SyntaxError
 */
export function parseQuery(query: string): ParsedQuery {
  const textOf = ({ from, to }: SyntaxNode): string => query.slice(from, to);
  const selectors: Selector[] = [];
  const groupedBy: string[] = [];
  parser.parse(query).iterate({
    enter: ({ node, type }) => {
      if (type.isError) throw new SyntaxError(`no PromQL at ${node.from}: ${query}`);
      if (node.name === 'GroupingLabels')
        for (const one of node.getChildren('LabelName').map(textOf)) groupedBy.push(one);
      if (node.name !== 'VectorSelector') return;
      const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
      selectors.push({
        metric: textOf(node.getChild('Identifier')!),
        matchers: matchers.map((matcher) => ({
          label: textOf(matcher.getChild('LabelName')!),
          operator: textOf(matcher.getChild('MatchOp')!),
          value: textOf(matcher.getChild('StringLiteral')!).slice(1, -1),
        })),
      });
    },
  });
  return { selectors, groupedBy };
}
