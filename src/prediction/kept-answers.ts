import type { ImageFile } from '../images/image-file.ts';
import type { KeptAnswer } from '../store/keeping.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { AuditDraw } from './audit-draw.ts';
import { BATCH_BYTES, BATCH_IMAGES, type DropDeps, dropImages, type KeptEvent } from './drop-images.ts';
import { type EntryDeps, enterAudits } from './enter-audits.ts';

/** What the chance to be audited may depend on. */
export interface Auditable {
  readonly caller: string;
  /** The group of its stream, of which there are few (store/stream-group.ts). */
  readonly stream: string;
  readonly predictedLabel: string;
}

/** The chance with which an automatic answer is audited, 0 to 1. */
export type AuditRate = (answer: Auditable) => number;

export interface KeptAnswersDeps extends DropDeps, EntryDeps {
  readonly keeping: Store['keeping'];
  readonly rate: AuditRate;
  readonly draw: AuditDraw;
  readonly observe: (event: KeptEvent, count: number) => void;
  readonly onProblem: (error: unknown) => void;
}

/** An automatic answer that is recorded. */
export interface AutomaticAnswer extends Auditable {
  readonly id: string;
  /** As `chanceOf` gave it. */
  readonly chance: number;
  /** What the image takes in memory until it is kept. */
  readonly bytes: number;
  readonly image: () => ImageFile | Promise<ImageFile>;
}

/** The images of automatic answers, kept for a while, and the audits that are drawn from them. */
export interface KeptAnswers {
  /** With which an answer is drawn that is given now; 0 where its image cannot be kept. */
  chanceOf(answer: Auditable): number;
  add(answer: AutomaticAnswer): void;
  /** Resolves when all that was added is kept, and all audits that are due have entered the queue. */
  readonly settle: () => Promise<void>;
  /** Keeps what waits; no more is taken. */
  close(): Promise<void>;
}

/** Of images that wait to be kept; answers beyond them are not kept, and never audited. */
const BUFFER_BYTES = 64 * 1024 * 1024;
/** What arrives meanwhile is written together. */
const GATHER_MS = 50;
/** What others have left behind is looked for so often, and images are dropped that are too old. */
const SWEEP_MS = 10_000;
const TRY_AGAIN_MS = 1000;

/**
 * Keeps the images of automatic answers, and draws audits from them.
 *
 * Whether an answer is audited is drawn after it was given, and does nothing then that is not done for every
 * other: neither its caller nor whoever sees how long it takes can tell. All images are kept alike, and
 * written after the answer from a buffer that is bounded. What waits in it is lost when the process is
 * killed: an automatic answer needs its record durable, not its image, and chance does not look at images.
 *
 * An answer is drawn within its stratum, its caller, its group of streams and its predicted class. Its chance
 * is written with its record and, where it is drawn, with the audit, before anybody sees it.
 */
export function createKeptAnswers(deps: KeptAnswersDeps): KeptAnswers {
  const { keeping, now, observe } = deps;
  const isOn = deps.keepMs > 0 && deps.keepBytes > 0;
  const buffer: AutomaticAnswer[] = [];
  /** Of those that are being written, with their draw. */
  let writing: readonly KeptAnswer[] = [];
  let held = 0;
  let closed = false;
  const timers = new Set<NodeJS.Timeout>();

  const later = (ms: number, work: () => void): void => {
    if (closed) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms).unref();
    timers.add(timer);
  };

  const drawn = async (answer: AutomaticAnswer): Promise<KeptAnswer> => {
    const image = await answer.image();
    const stratum = JSON.stringify([answer.caller, answer.stream, answer.predictedLabel]);
    const isDrawn = deps.draw(stratum, answer.chance);
    return {
      ...{ id: answer.id, image, bytes: image.bytes.length, keptMs: now() },
      inclusionProbability: answer.chance,
      dueMs: isDrawn ? now() : null,
    };
  };

  const takeBatch = (): AutomaticAnswer[] => {
    let bytes = 0;
    const end = buffer.findIndex((answer, i) => (bytes += answer.bytes) > BATCH_BYTES && i > 0);
    return buffer.splice(0, Math.min(end === -1 ? buffer.length : end, BATCH_IMAGES));
  };

  const writeBatch = async (): Promise<void> => {
    if (writing.length === 0) {
      const batch = takeBatch();
      const settled = await Promise.allSettled(batch.map(drawn));
      writing = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const unread = settled.filter((one) => one.status === 'rejected');
      if (unread.length > 0) observe('not_kept', unread.length);
      for (const { reason } of unread) deps.onProblem(reason);
      held -= batch.reduce((sum, { bytes }) => sum + bytes, 0) - bytesOf(writing);
    }
    if (writing.length === 0) return;
    try {
      const { length } = await keeping.keep(writing);
      observe('kept', length);
    } catch (error) {
      // They may have been written: an answer that is kept or audited already is not kept again.
      if (isAway(error)) throw error;
      observe('not_kept', writing.length);
      deps.onProblem(error);
    }
    held -= bytesOf(writing);
    writing = [];
  };

  const write = oneAtATime(async () => {
    do {
      await writeBatch();
      await enterAudits(deps).finally(() => dropImages(deps));
    } while (buffer.length > 0);
  });

  const report = (error: unknown): void => {
    if (closed && isClosed(error)) return;
    deps.onProblem(error);
  };
  let gathering = false;
  const writeSoon = (ms: number): void => {
    if (gathering) return;
    gathering = true;
    later(ms, () => {
      gathering = false;
      write().catch((error: unknown) => {
        report(error);
        writeSoon(TRY_AGAIN_MS);
      });
    });
  };
  const sweep = (): void => {
    // An earlier process may have left images and audits, though no more images are kept.
    void write()
      .catch(report)
      .then(() => {
        later(SWEEP_MS, sweep);
      });
  };
  later(SWEEP_MS, sweep);

  return {
    chanceOf: (answer) => {
      if (!isOn || closed) return 0;
      return held < BUFFER_BYTES ? deps.rate(answer) : 0;
    },
    add: (answer) => {
      if (!isOn || closed) return;
      if (answer.chance === 0 && deps.rate(answer) > 0) {
        observe('not_kept', 1);
        return;
      }
      buffer.push(answer);
      held += answer.bytes;
      writeSoon(GATHER_MS);
    },
    settle: write,
    close: async () => {
      if (closed) return;
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await write().catch(deps.onProblem);
    },
  };
}

function bytesOf(answers: readonly KeptAnswer[]): number {
  return answers.reduce((sum, { bytes }) => sum + bytes, 0);
}

const isAway = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'database_unavailable';

const isClosed = (error: unknown): boolean => error instanceof StoreError && error.code === 'queue_closed';

/** Runs `work` after the run that is under way, once for all who ask meanwhile. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return (running = work());
      });
    return next;
  };
}
