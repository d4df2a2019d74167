import { userInfo } from 'node:os';

/** Who runs this command, for the audit trail. No key's id holds a colon. */
export function cliCaller(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A container may run as a user that has no name.
    return `cli:uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
