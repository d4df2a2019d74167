import { asPlainText, type PlainText } from '../plain-text.ts';
import { AccessError } from './access-error.ts';

export const SCOPES = ['predict', 'review', 'export', 'admin'] as const;

/** What a caller may do. No scope contains another: a lead's key names both `review` and `admin`. */
export type Scope = (typeof SCOPES)[number];

export interface Caller {
  /** Names the caller in logs, in the audit trail and, as the reviewer, on labels; never the key itself. */
  readonly keyId: PlainText;
  readonly scopes: readonly Scope[];
  /** Requests a minute of this caller's own; those of the service where absent. */
  readonly ratePerMinute?: number;
}

/** The caller where the service has no keys and listens on loopback only. */
export const LOCAL_CALLER: Caller = { keyId: asPlainText('local'), scopes: SCOPES };

/** With any of these beside `review`, what a reviewer sees can be joined with what tells which are audits. */
const TELLING: readonly Scope[] = ['predict', 'export', 'admin'];

/**
 * Whether the caller may be given audits to label: reviewers who can do nothing else, and everyone where
 * there are no keys, since nobody is kept from anything there.
 */
export function isGivenAudits(caller: Caller): boolean {
  return caller === LOCAL_CALLER || !caller.scopes.some((scope) => TELLING.includes(scope));
}

/** @throws AccessError `forbidden` */
export function requireScope(caller: Caller, scope: Scope, what = 'This route'): void {
  if (caller.scopes.includes(scope)) return;
  const has = caller.scopes.length === 0 ? 'none' : caller.scopes.join(', ');
  throw new AccessError(
    'forbidden',
    `${what} needs the scope "${scope}"; key "${caller.keyId}" has ${has}.`,
    {
      scope,
    },
  );
}
