/**
 * Environment variables that are probably settings with another spelling.
 *
 * A variable resembles a setting where it has its letters but for underscores and one mistake, or its words
 * but for one that is a short or a long form of the other (DIRECTORY for DIR), or where it is a setting
 * behind the program's name. A setting of fewer than six letters, HOST or PORT, is resembled by nothing but
 * itself in other case: HOSTNAME and PORTAL are other programs' variables. So are those of a setting that is
 * set, and those that Kubernetes makes of services (DATABASE_PORT=tcp://10.0.0.7:5432).
 */
import { editDistance } from '../command-line/nearest.ts';
import { type Environment, SETTINGS } from './settings.ts';

export interface MisspeltSetting {
  readonly variable: string;
  readonly setting: string;
}

/** Fewer letters are one mistake away from too many other words. */
const FEWEST_LETTERS = 6;
const PREFIX = 'SENSIGATE_';
/** What Kubernetes sets for each port of a service. */
const OF_KUBERNETES = /^(tcp|udp|sctp):\/\//;

/** The variables that resemble a setting which is not set, each with that setting. */
export function misspeltSettings(environment: Environment): MisspeltSetting[] {
  const unset = SETTINGS.filter((name) => (environment[name] ?? '') === '');
  return Object.entries(environment).flatMap(([variable, value = '']) => {
    if (SETTINGS.includes(variable) || value === '' || OF_KUBERNETES.test(value)) return [];
    const setting = unset.find((name) => resembles(variable, name));
    return setting === undefined ? [] : [{ variable, setting }];
  });
}

/** A line that names one. */
export function warningOf({ variable, setting }: MisspeltSetting): string {
  return `the environment variable ${variable} is not read; if ${setting} is meant, write it so`;
}

function resembles(variable: string, setting: string): boolean {
  const all = variable.toUpperCase();
  const upper = all.startsWith(PREFIX) ? all.slice(PREFIX.length) : all;
  if (upper === setting) return true;
  const [got, known] = [upper.replaceAll('_', ''), setting.replaceAll('_', '')];
  if (known.length < FEWEST_LETTERS) return false;
  return editDistance(got, known) <= 1 || hasItsWords(upper.split('_'), setting.split('_'));
}

/** Whether the words are the same but for one, which is a short form of the other or its long form. */
function hasItsWords(got: readonly string[], known: readonly string[]): boolean {
  if (got.length !== known.length || known.length < 2) return false;
  const [difference, ...others] = known.flatMap((word, i) =>
    word === got[i] ? [] : [[word, got[i]!] as const],
  );
  if (difference === undefined || others.length > 0) return false;
  const [long, short] = difference[0].length >= difference[1].length ? difference : difference.toReversed();
  return isShortFormOf(short, long);
}

/** Whether `short` has the first letter of `long` and some of the others in their order: DB and DATABASE. */
function isShortFormOf(short: string, long: string): boolean {
  if (short.length < 2 || short[0] !== long[0]) return false;
  let place = 0;
  for (const letter of short) {
    place = long.indexOf(letter, place) + 1;
    if (place === 0) return false;
  }
  return true;
}
