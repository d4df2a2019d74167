import type { CommandDetails } from './command.ts';

/** Widest line of help, for terminals and pages of documents alike. */
const COLUMNS = 100;
/** Where the second column begins, unless a name is longer. */
const WIDEST_NAME = 26;

/** What a program is, as its help says it. */
export interface ProgramHelp {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** Every exit code and what it means. */
  readonly exitCodes: Readonly<Record<number, string>>;
  readonly example: string;
}

/** A command as its help shows it. */
export interface CommandHelp extends CommandDetails {
  readonly name: string;
  /** One line of what it does. */
  readonly summary: string;
}

/** The whole help of a program: its commands, each with a line. */
export function programHelp({
  name,
  version,
  description,
  commands,
  exitCodes,
  example,
}: ProgramHelp): string {
  return [
    `${name} ${version}`,
    wrap(description, COLUMNS).join('\n'),
    `Usage: ${name} <command> [options]`,
    section(
      'Commands',
      commands.map(({ name: command, summary }) => [command, summary] as const),
    ),
    section('Options', [
      ['-h, --help', `of the program, or of a command: ${name} <command> --help`],
      ['--version', 'prints the version'],
    ]),
    section('Exit codes', Object.entries(exitCodes)),
    `Example:\n  ${example}`,
  ].join('\n\n');
}

/** The whole help of a command. */
export function commandHelp(program: Pick<ProgramHelp, 'name' | 'exitCodes'>, command: CommandHelp): string {
  const options = Object.entries(command.options).map(([name, option]) => {
    const shown = option.shownDefault === null ? '' : ` (default: ${option.shownDefault})`;
    return [optionUsage(name, option.value), `${option.description}${shown}`] as const;
  });
  return [
    `${program.name} ${command.name}: ${command.summary}`,
    ...command.description.map((paragraph) => wrap(paragraph, COLUMNS).join('\n')),
    `Usage: ${usageLine(program.name, command)}`,
    section('Options', [...options, ['-h, --help', 'prints this']]),
    ...(command.sections ?? []).map(({ title, rows }) => section(title, rows)),
    section(
      'Exit codes',
      command.exitCodes.map((code) => [String(code), program.exitCodes[code] ?? ''] as const),
    ),
    `Example:\n  ${command.example}`,
  ].join('\n\n');
}

/** How a command is called, in one line. */
export function usageLine(program: string, { name, options, alternatives, operands }: CommandHelp): string {
  const must = Object.entries(options).filter(([, { isRequired }]) => isRequired);
  const needed = must.map(([option, { value }]) => optionUsage(option, value));
  const others = must.length < Object.keys(options).length ? ['[options]'] : [];
  const said = (part: string | undefined): string[] => (part === undefined ? [] : [part]);
  return [program, name, ...needed, ...said(alternatives), ...others, ...said(operands)].join(' ');
}

function optionUsage(name: string, value: string | null): string {
  return value === null ? `--${name}` : `--${name} <${value}>`;
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const names = rows.map(([name]) => name.length).filter((length) => length <= WIDEST_NAME);
  const column = 2 + names.reduce((widest, length) => Math.max(widest, length), 0) + 2;
  const lines = rows.flatMap(([name, text]) => {
    const [first = '', ...others] = wrap(text, COLUMNS - column);
    const rest = others.map((line) => ' '.repeat(column) + line);
    return name.length + 4 <= column
      ? [`  ${name}`.padEnd(column) + first, ...rest]
      : [`  ${name}`, ' '.repeat(column) + first, ...rest];
  });
  return [`${title}:`, ...lines.map((line) => line.trimEnd())].join('\n');
}

/** Lines of at most `columns`; a longer word has a line of its own. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
