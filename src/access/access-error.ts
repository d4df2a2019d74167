import { CodedError } from '../coded-error.ts';

export type AccessErrorCode =
  | 'unauthorized'
  | 'expired_credential'
  | 'forbidden'
  | 'rate_limited'
  | 'too_many_failures'
  | 'jwks_unavailable';

export interface AccessErrorFacts {
  /** When the same may be tried again. */
  readonly retrySeconds?: number;
  /** The scope that is missing, of `forbidden`. */
  readonly scope?: string;
  /** Whether a credential came at all, of `unauthorized`. */
  readonly presented?: boolean;
}

/** A caller who is not known, may not do this, or asks too often. Nothing was done. */
export class AccessError extends CodedError<AccessErrorCode> {
  override readonly name = 'AccessError';
  readonly facts: AccessErrorFacts;

  constructor(code: AccessErrorCode, message: string, facts: AccessErrorFacts = {}) {
    super(code, message);
    this.facts = facts;
  }
}
