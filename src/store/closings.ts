import type { Json } from './json.ts';

/** Which answers of a gate are meant. */
export interface ClosingPlace {
  readonly modelDigest: string;
  readonly gateId: string;
  /** Null: of every stream. */
  readonly stream: string | null;
}

/** That a gate decides nothing alone any more, since audits have proven that it breaks its promise. */
export interface GateClosing extends ClosingPlace {
  readonly closedMs: number;
  /** What was proven, and by what. */
  readonly proof: { readonly [key: string]: Json };
  /** Null while it is closed. */
  readonly reopened: { readonly atMs: number; readonly by: string; readonly why: string } | null;
}

export interface Reopening extends ClosingPlace {
  /** The lead. */
  readonly by: string;
  readonly why: string;
}

/**
 * Gates that were closed by a proof, of all models, and their reopening. What stands here is the truth for
 * every replica. Both acts stand in the audit trail too, written in the same transaction.
 */
export interface Closings {
  /** All of a model, oldest first. */
  of(modelDigest: string): Promise<readonly GateClosing[]>;
  /**
   * Closes it; false where it is closed already, or where the gate has not just `known` closings, standing or
   * reopened: the proof is then of labels that may count no longer.
   */
  close(place: ClosingPlace, proof: GateClosing['proof'], known: number): Promise<boolean>;
  /** Opens it again; false where it was not closed. */
  reopen(reopening: Reopening): Promise<boolean>;
}
