import type { ErrorDetails } from '../../coded-error.ts';

/** Characters of a detail, and of any other text in a problem. */
const MOST_DETAIL = 1000;
const MOST_TEXT = 200;
/** Of what is wrong with a request, so many are named. */
export const MOST_NAMED = 8;

export interface ProblemTexts {
  readonly detail: string;
  readonly members: ErrorDetails;
}

/**
 * What an error says, short enough to be said to anyone: whoever sends much junk is not sent it back.
 *
 * Every problem document passes here, so a message may quote what came without a bound of its own.
 */
export function boundedProblem(detail: string, members: ErrorDetails = {}): ProblemTexts {
  return {
    detail: shortened(detail, MOST_DETAIL),
    members: Object.fromEntries(
      Object.entries(members).map(([name, value]) => [
        name,
        bounded(name === 'errors' && Array.isArray(value) ? value.slice(0, MOST_NAMED) : value),
      ]),
    ),
  };
}

/** The text, or its beginning and a mark that it went on. */
export function shortened(text: string, most = MOST_TEXT): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

function bounded(value: unknown): unknown {
  if (typeof value === 'string') return shortened(value);
  if (Array.isArray(value)) return value.map(bounded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, bounded(inner)]));
}
