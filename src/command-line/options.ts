import { UsageError } from './usage-error.ts';

/** What follows `--name` on a command line, and what it becomes. */
export interface Option<Value> {
  /** What stands for the value in the help, such as `folder`; null for a flag, which has none. */
  readonly value: string | null;
  readonly description: string;
  /** As the help shows it; null where there is none. */
  readonly shownDefault: string | null;
  readonly isRequired: boolean;
  /**
   * The value of the text that was given; undefined where none was.
   *
   * @param option As it is written, `--port`.
   * @throws UsageError
   */
  readonly read: (given: string | undefined, option: string) => Value;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of the options, by their names. */
export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer Value> ? Value : never;
};

interface Described {
  readonly value: string;
  readonly description: string;
}

/** An option that must be given. */
export function required(about: Described): Option<string> {
  return {
    ...{ ...about, shownDefault: null, isRequired: true },
    read: (given, option) => {
      if (given === undefined || given === '') throw new UsageError(`expected ${option} <${about.value}>`);
      return given;
    },
  };
}

/** Any text; `undefined` where the option is not given. */
export function text(about: Described & { readonly shownDefault?: string }): Option<string | undefined> {
  return {
    ...{ ...about, shownDefault: about.shownDefault ?? null, isRequired: false },
    read: (given, option) => {
      if (given === '') throw new UsageError(`expected ${option} <${about.value}>, got nothing`);
      return given;
    },
  };
}

interface Words<Word extends string> extends Described {
  readonly words: readonly Word[];
}

/** One of some words; `undefined` where the option is not given and has no default. */
export function choice<const Word extends string>(
  about: Words<Word> & { readonly default: NoInfer<Word> },
): Option<Word>;
export function choice<const Word extends string>(about: Words<Word>): Option<Word | undefined>;
export function choice<const Word extends string>(
  about: Words<Word> & { readonly default?: Word },
): Option<Word | undefined> {
  const { words, default: otherwise } = about;
  return {
    ...{ value: about.value, description: `${about.description}: ${words.join(', ')}` },
    ...{ shownDefault: otherwise ?? null, isRequired: false },
    read: (given, option) => {
      if (given === undefined) return otherwise;
      const word = words.find((one) => one === given);
      if (word !== undefined) return word;
      const others = words.slice(0, -1).map((one) => `${one}, `);
      throw new UsageError(
        `expected ${option} ${others.join('').replace(/, $/, ' or ')}${words.at(-1)}, got ${given}`,
      );
    },
  };
}

/** A number that `accepts` accepts; `expected` says which do, after the option's name: `0 or more`. */
export function number<Default extends number | undefined>(
  about: Described & {
    readonly default: Default;
    readonly expected: string;
    readonly accepts: (value: number) => boolean;
  },
): Option<number | Default> {
  const { default: otherwise, expected, accepts } = about;
  return {
    ...{ value: about.value, description: about.description, isRequired: false },
    shownDefault: otherwise === undefined ? null : String(otherwise),
    read: (given, option) => {
      if (given === undefined) return otherwise;
      const value = given.trim() === '' ? NaN : Number(given);
      if (!accepts(value)) throw new UsageError(`expected ${option} ${expected}, got ${given}`);
      return value;
    },
  };
}

/** True where it is given. */
export function flag(description: string): Option<boolean> {
  return {
    ...{ value: null, description, shownDefault: null, isRequired: false },
    read: (given) => given !== undefined,
  };
}

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** Milliseconds of a time like `30d`, `12h`, `90m` or `30s`; null for anything else. */
export function durationMs(given: string): number | null {
  const [, count, unit] = /^(\d{1,6})([dhms])$/.exec(given) ?? [];
  return count === undefined ? null : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** A time in days, hours or minutes; `undefined` where it is not given. */
export function age(about: Described): Option<number | undefined> {
  const { read } = duration(about);
  return {
    ...{ ...about, shownDefault: null, isRequired: false },
    read: (given, option) => (given === undefined ? undefined : read(given, option)),
  };
}

/** A day, `2026-11-28`, or a time with its zone; `undefined` where it is not given. */
export function instant(about: Described): Option<number | undefined> {
  return {
    ...{ ...about, shownDefault: null, isRequired: false },
    read: (given, option) => {
      if (given === undefined) return undefined;
      const ms = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(given) ? Date.parse(given) : NaN;
      if (Number.isFinite(ms)) return ms;
      throw new UsageError(
        `expected ${option} <${about.value}> such as 2026-11-28 or 2026-11-28T12:00:00Z, got ${given}`,
      );
    },
  };
}

/** A time in days, hours or minutes, which must be given; in milliseconds. */
export function duration(about: Described): Option<number> {
  return {
    ...{ ...about, shownDefault: null, isRequired: true },
    read: (given, option) => {
      const ms = durationMs(given ?? '');
      if (ms !== null) return ms;
      const got = given === undefined ? '' : `, got ${given}`;
      throw new UsageError(`expected ${option} <${about.value}> such as 30d, 12h or 90m${got}`);
    },
  };
}
