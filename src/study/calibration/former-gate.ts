/**
 * The gate file that a new one takes the place of: it is kept beside, under a name that says when it was made
 * and which it is.
 */
import { createHash } from 'node:crypto';
import { constants, copyFile, readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { parseGate } from '../../gate/read-gate.ts';

const described = z.object({
  model: z.object({ digest: z.string() }),
  calibration: z.object({ created: z.iso.datetime() }),
});

/**
 * The name that the gate file at `path` is to be kept under, such as
 * `gate.2026-11-27T13-05-22Z.6b043b5bfd40c1e9.json`; null where there is no file. Names of one folder sort by
 * time. A file that is no gate has its own hash and time.
 */
export async function nameForFormerGate(path: string): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { id, created } = identify(text, path) ?? {
    id: createHash('sha256').update(text).digest('hex').slice(0, 16),
    created: (await stat(path)).mtime.toISOString(),
  };
  const time = created.replace(/\.\d+/, '').replaceAll(':', '-');
  return path.replace(/(\.json)?$/, `.${time}.${id}.json`);
}

/** Id and time of a gate; null for what is none. */
function identify(text: string, path: string): { id: string; created: string } | null {
  try {
    const { model, calibration } = described.parse(JSON.parse(text));
    return { id: parseGate(text, path, model.digest).id, created: calibration.created };
  } catch {
    return null;
  }
}

/**
 * Copies the gate file at `path` to the name that it is to be kept under, and returns that; null where there
 * is no file. What has the name already is left as it is: only the same gate has it.
 */
export async function keepFormerGate(path: string): Promise<string | null> {
  const kept = await nameForFormerGate(path);
  if (kept === null) return null;
  try {
    await copyFile(path, kept, constants.COPYFILE_EXCL);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return kept;
}
