import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';
import type { Options, Values } from './options.ts';
import { UsageError } from './usage-error.ts';

/**
 * The values of a command's options, and what is given beside them.
 *
 * @throws UsageError for an unknown option, an argument that is no option, and a value that an option does
 * not take
 */
export function parseArguments<O extends Options>(
  options: O,
  args: readonly string[],
  takesOperands = false,
): { readonly values: Values<O>; readonly operands: readonly string[] } {
  const types = Object.entries(options).map(
    ([name, { value }]) => [name, { type: value === null ? 'boolean' : 'string' }] as const,
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(types),
    // The checks are below, so that they can name what was probably meant.
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const given = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (!takesOperands) throw new UsageError(`expected no argument, got ${token.value}`);
      operands.push(token.value);
    }
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw unknown('option', token.rawName, Object.keys(options));
    given.set(token.name, valueOf(token, option.value));
  }
  const values = Object.entries(options).map(([name, option]) => [
    name,
    option.read(given.get(name), written(name)),
  ]);
  return { values: Object.fromEntries(values) as Values<O>, operands };
}

/** The values of the options of a command that takes nothing beside them. */
export function parseOptions<O extends Options>(options: O, args: readonly string[]): Values<O> {
  return parseArguments(options, args).values;
}

/** An unknown command or option, with the known one that was probably meant. */
export function unknown(what: 'command' | 'option', got: string, known: readonly string[]): UsageError {
  // Without the dashes, which would make two short options look alike.
  const meant = nearest(got.replace(/^-+/, ''), known);
  const dashes = what === 'option' ? '--' : '';
  return new UsageError(`unknown ${what} ${got}${meant === null ? '' : `; did you mean ${dashes}${meant}?`}`);
}

const written = (name: string): string => `--${name}`;

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/** @param stands What stands for the value in the help; null for a flag. */
function valueOf({ rawName, value, inlineValue }: OptionToken, stands: string | null): string {
  if (stands === null) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, got ${value}`);
    return '';
  }
  if (value === undefined) throw new UsageError(`expected a value: ${rawName} <${stands}>`);
  // A forgotten value would take the option behind it for one.
  if (inlineValue !== true && /^--?[a-z]/i.test(value))
    throw new UsageError(
      `expected a value: ${rawName} <${stands}>, got ${value}; where that is the value write ` +
        `${rawName}=${value}`,
    );
  return value;
}
