import type { Options, Values } from './options.ts';
import { parseArguments } from './parse.ts';

/** A part of a command's help that its options don't say, such as which environment variables it reads. */
export interface HelpSection {
  readonly title: string;
  /** A name and what it is. */
  readonly rows: readonly (readonly [name: string, text: string])[];
}

/** What there is to know of a command beside its name and its one line. */
export interface CommandDetails {
  /** Paragraphs: what it does, and what to know before it is run. */
  readonly description: readonly string[];
  /** Options of which one must be given, as the usage has them: `(--risk <share> | --coverage <share>)`. */
  readonly alternatives?: string;
  /** What is given beside the options, as the usage has it: `[<id> …]`; nothing may be where it is absent. */
  readonly operands?: string;
  readonly options: Options;
  readonly sections?: readonly HelpSection[];
  /** Those of the program's exit codes that it may give. */
  readonly exitCodes: readonly number[];
  /** A whole command line. */
  readonly example: string;
}

/** A command of a program. */
export interface Command extends CommandDetails {
  /**
   * Returns its exit code.
   *
   * @throws UsageError for arguments that it cannot be run with
   */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** Makes a command of what is told about it and of what it does with its options' values. */
export function defineCommand<const O extends Options>(
  details: CommandDetails & {
    readonly options: O;
    readonly run: (values: Values<O>, operands: readonly string[]) => Promise<number>;
  },
): Command {
  return {
    ...details,
    run: async (args) => {
      const { values, operands } = parseArguments(details.options, args, details.operands !== undefined);
      return details.run(values, operands);
    },
  };
}
