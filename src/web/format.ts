import type { Finding } from '../wire/review-states.ts';
/** A length of time in its largest unit: `40 s`, `12 min`, `3 h`, `5 d`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A number with separated thousands. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A probability in percent, with a digit behind the point where it says something. */
export function percent(value: number): string {
  const shown = value * 100;
  return `${shown.toFixed(shown < 10 && shown > 0 ? 1 : 0)}%`;
}

/** A moment as it is where the reader is. */
export function moment(instant: string): string {
  return new Date(instant).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
}

/** Words from a name of the API: `over_budget` is `over budget`. */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** The last midnight where the reader is. */
export function midnight(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}

/** What a person may find instead of a label. */
export const FINDINGS: readonly Finding[] = ['none_of_these', 'unreadable'];

/** An answer without a label; null: the image is to be left out. */
export function findingWords(finding: Finding | null): string {
  return finding === null ? 'Unusable' : finding === 'none_of_these' ? 'None of these' : 'Unreadable';
}
