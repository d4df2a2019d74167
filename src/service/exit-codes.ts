import { UsageError } from '../command-line/usage-error.ts';
import { SettingsError } from './settings-error.ts';

/** What each command's exit code means, the same for all. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrong: 2,
  noGate: 3,
} as const;

/** The same, as the help says it. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  [EXIT.done]: 'done',
  [EXIT.failed]: 'failed; the message says why',
  [EXIT.wrong]: 'wrong arguments or settings; nothing was done',
  [EXIT.noGate]: 'no gate can be had from these labelled images; the message says why',
};

/** The exit code of what a command has thrown. */
export function exitCodeOf(error: unknown): number {
  return error instanceof UsageError || error instanceof SettingsError ? EXIT.wrong : EXIT.failed;
}
