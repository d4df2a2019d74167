/**
 * The gate file, which may be replaced while the service runs.
 *
 * It is known by its content, not by its time or inode: a mounted ConfigMap is replaced by turning a symlink
 * round, an editor writes in place, a copy keeps its time. New content counts when two readings agree on it,
 * so that a file which is being written is not taken for a bad one. It is then checked as at the start, and
 * becomes the gate whole or not at all: whatever is wrong with it, or where it is gone, the gate that decides
 * is kept, because a gate that was proven is better than none, and it is for people to see to it. Only a
 * start finds no older one to keep.
 */
import { createHash } from 'node:crypto';
import type { Gate } from './gate.ts';
import { GateError } from './gate-error.ts';
import { parseGate, readGateText } from './read-gate.ts';

/** What decides, and what became of the file. */
export type GateInUse = {
  /** Why what the file holds now is not taken, though another gate decides; null where it is taken. */
  readonly refused: GateError | null;
} & (
  | { readonly gate: Gate; readonly error: null }
  /** Why there is no gate, so that every image goes to review. */
  | { readonly gate: null; readonly error: GateError }
);

export interface LiveGateFileOptions {
  readonly path: string;
  readonly modelDigest: string;
  readonly onTaken: (gate: Gate, former: Gate | null) => void;
  /** @param kept The gate that decides on. */
  readonly onRefused: (error: GateError, kept: Gate | null) => void;
  /** Waits as long as somebody may take to write the file. */
  readonly settle: () => Promise<void>;
}

export interface LiveGateFile {
  readonly inUse: GateInUse;
  /** The gate that decides now. */
  readonly gate: () => Gate | null;
  /** Looks whether the file has changed, and takes or refuses it. Never rejects for what the file holds. */
  check(): Promise<void>;
}

/** Reads the gate file for the first time. What is wrong with it is in `inUse`, and no event. */
export async function openLiveGateFile(options: LiveGateFileOptions): Promise<LiveGateFile> {
  const { path, modelDigest, onTaken, onRefused, settle } = options;
  let content = await contentOf(path);
  let inUse = firstOf(content, path, modelDigest);
  let checking: Promise<void> | null = null;

  const take = (text: string): void => {
    const gate = parseGate(text, path, modelDigest);
    const former = inUse.gate;
    inUse = { gate, error: null, refused: null };
    if (gate.id !== former?.id) onTaken(gate, former);
  };

  const look = async (): Promise<void> => {
    const seen = await contentOf(path);
    if (seen.digest === content.digest) return;
    await settle();
    const again = await contentOf(path);
    // Still being written, or put back: the next check sees.
    if (again.digest !== seen.digest) return;
    content = again;
    try {
      if (again.error !== null) throw again.error;
      take(again.text);
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      inUse = inUse.gate === null ? { gate: null, error, refused: null } : { ...inUse, refused: error };
      onRefused(error, inUse.gate);
    }
  };

  return {
    gate: () => inUse.gate,
    get inUse() {
      return inUse;
    },
    check: () =>
      (checking ??= look().finally(() => {
        checking = null;
      })),
  };
}

type Content = { readonly digest: string } & (
  { readonly text: string; readonly error: null } | { readonly text: null; readonly error: GateError }
);

async function contentOf(path: string): Promise<Content> {
  try {
    const text = await readGateText(path);
    return { digest: createHash('sha256').update(text).digest('hex'), text, error: null };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return { digest: error.code, text: null, error };
  }
}

function firstOf(content: Content, path: string, modelDigest: string): GateInUse {
  try {
    if (content.error !== null) throw content.error;
    return { gate: parseGate(content.text, path, modelDigest), error: null, refused: null };
  } catch (error) {
    if (!(error instanceof GateError)) throw error;
    return { gate: null, error, refused: null };
  }
}
