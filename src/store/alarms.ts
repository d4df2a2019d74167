import type { Json } from './json.ts';

/** Whose images are watched. */
export interface AlarmPlace {
  readonly modelDigest: string;
  /** Whose calibration they are held against. */
  readonly gateId: string;
  /** The name of a group of streams; null: all images. */
  readonly stream: string | null;
}

/** That images are no longer like calibration's. */
export interface Alarm extends AlarmPlace {
  readonly raisedMs: number;
  /** When the change began, about. */
  readonly sinceMs: number;
  /** What has become more frequent, and by how much. */
  readonly finding: { readonly [key: string]: Json };
  /** Null while it stands. */
  readonly ended: { readonly atMs: number; readonly by: string; readonly why: string } | null;
}

export interface NewAlarm extends AlarmPlace, Pick<Alarm, 'sinceMs' | 'finding'> {}

export interface AlarmEnd extends AlarmPlace {
  /** The lead. */
  readonly by: string;
  readonly why: string;
}

/** Whose evidence is written down. */
export interface WatchHolder {
  readonly modelDigest: string;
  readonly gateId: string;
  /** A name that no other process has. */
  readonly holder: string;
}

/**
 * Alarms for change of all models, and the evidence that processes have gathered towards the next one. What
 * stands here is the truth for every replica. Raising and ending an alarm stand in the audit trail too,
 * written in the same transaction.
 *
 * Evidence is each process's own: what it may err it shares with the others by the images it has seen. One
 * that ends leaves its evidence to whoever starts next.
 */
export interface Alarms {
  /** The latest of a model, oldest first; whatever stands is among them. */
  of(modelDigest: string): Promise<readonly Alarm[]>;
  /** Raises it; false where one stands already. */
  raise(alarm: NewAlarm): Promise<boolean>;
  /** Ends it; false where none stands. */
  end(end: AlarmEnd): Promise<boolean>;
  /** Writes evidence down, in place of what this process wrote before. */
  saveWatch(holder: WatchHolder, evidence: Json): Promise<void>;
  /**
   * Takes over the evidence that was left latest by a process that has gone, or has written nothing since
   * `staleMs` ago; null where there is none. No two processes take the same.
   */
  takeWatch(holder: WatchHolder, staleMs: number): Promise<Json>;
  /** Leaves what this process wrote to the next. */
  leaveWatch(holder: WatchHolder): Promise<void>;
}
