import type { Command } from './command.ts';
import { commandHelp, type CommandHelp, programHelp, type ProgramHelp, usageLine } from './help.ts';
import { unknown } from './parse.ts';
import { UsageError } from './usage-error.ts';

/** A command as the table of a program has it: loaded when it is called, so that no other one's code is. */
export interface ListedCommand {
  readonly name: string;
  /** One line of what it does. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

export interface Program extends ProgramHelp {
  readonly commands: readonly ListedCommand[];
  /** The exit code of what a command has thrown. */
  readonly exitCodeOf: (error: unknown) => number;
}

const HELP = new Set(['--help', '-h']);

/**
 * Runs the command that the arguments name; returns its exit code. Results go to standard output, errors to
 * standard error.
 */
export async function runProgram(program: Program, args: readonly string[]): Promise<number> {
  const [first, ...others] = args[0] === 'help' ? [...args.slice(1), '--help'] : args;
  if (first === undefined) {
    console.error(programHelp(program));
    return program.exitCodeOf(new UsageError('expected a command'));
  }
  if (HELP.has(first)) {
    console.log(programHelp(program));
    return 0;
  }
  if (first === '--version') {
    console.log(`${program.name} ${program.version}`);
    return 0;
  }
  const listed = program.commands.find(({ name }) => name === first);
  if (listed === undefined) {
    const names = program.commands.map(({ name }) => name);
    const error = first.startsWith('-')
      ? unknown('option', first, ['help', 'version'])
      : unknown('command', first, names);
    console.error(
      `${program.name}: ${error.message}\nCommands: ${names.join(', ')}. More: ${program.name} --help`,
    );
    return program.exitCodeOf(error);
  }
  const { name, summary, load } = listed;
  return runCommand(program, { name, summary, ...(await load()) }, others);
}

async function runCommand(
  program: Program,
  command: Command & CommandHelp,
  args: readonly string[],
): Promise<number> {
  const end = args.indexOf('--');
  if (args.some((arg, i) => HELP.has(arg) && (end < 0 || i < end))) {
    console.log(commandHelp(program, command));
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    const called = `${program.name} ${command.name}`;
    console.error(`${called}: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof UsageError)
      console.error(`Usage: ${usageLine(program.name, command)}\nMore: ${called} --help`);
    return program.exitCodeOf(error);
  }
}
