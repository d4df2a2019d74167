/**
 * What has been measured, kept in a file, so that a run which is killed goes on where it was.
 *
 * One file a procedure, named by the procedure's id; one line an image, known by its pixels. Lines are
 * appended as measurements come, all that came in one turn or during the last write together. The file is
 * only ever a prefix of what was written, so a line that is not whole is the last: it is cut off, and its
 * image measured again.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Estimate } from '../../engine/job.ts';
import { canonicalJson } from '../../model/digest.ts';
import type { Transform } from '../../numerics/jacobian/transforms.ts';
import { decodeJson, encodeJson } from './exact-json.ts';
import type { Procedure } from '../../prediction/measure-input.ts';

/**
 * Counts changes of what a procedure measures, or of how it is written down: what was kept before does not
 * count any more.
 */
const FORMAT = 3;

const lineSchema = z.object({
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  // Written by this very file; enough to tell that it was.
  estimate: z.custom<Estimate>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      'probabilities' in value &&
      value.probabilities instanceof Float64Array,
  ),
});

export interface MeasurementCache {
  /** By pixel hash: what was there when it was opened. */
  readonly measured: ReadonlyMap<string, Estimate>;
  /** Begins to write; @throws what an earlier write failed with. */
  readonly add: (hash: string, estimate: Estimate) => void;
  /** Resolves when all is written. @throws what a write failed with */
  readonly close: () => Promise<void>;
}

/** SHA-256 of all that decides, beside the pixels, what is measured, hex. */
export function procedureId(
  modelDigest: string,
  { plan, threshold }: Procedure,
  transforms: readonly Transform[] | null,
): string {
  const all = { format: FORMAT, model: modelDigest, plan, threshold, transforms };
  // Encoded first: JSON would write a threshold of Infinity as it writes none.
  const exact: unknown = JSON.parse(encodeJson(all));
  return createHash('sha256').update(canonicalJson(exact)).digest('hex');
}

/**
 * Opens what is kept of the procedure with this id in `folder`, which is made if need be.
 *
 * @param id From `procedureId`.
 */
export async function openMeasurementCache(folder: string, id: string): Promise<MeasurementCache> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `measured-${id}.jsonl`);
  const file = await open(path, 'a+');
  const measured = new Map<string, Estimate>();
  try {
    const { size } = await file.stat();
    const whole = await readLines(path, size, measured);
    if (whole < size) await file.truncate(whole);
  } catch (error) {
    await file.close();
    throw error;
  }

  let pending: string[] = [];
  let writing: Promise<void> | null = null;
  let failure: Error | null = null;
  const write = async (): Promise<void> => {
    try {
      while (pending.length > 0) {
        // Measurements come by the batch: let the rest of it go in the same write.
        await new Promise((resolve) => setImmediate(resolve));
        const text = pending.join('');
        pending = [];
        await file.appendFile(text);
      }
    } catch (error) {
      failure = error as Error;
    }
    writing = null;
  };
  return {
    measured,
    add: (hash, estimate) => {
      if (failure !== null) throw failure;
      pending.push(`${encodeJson({ hash, estimate })}\n`);
      writing ??= write();
    },
    close: async () => {
      if (writing !== null) await writing;
      await file.close();
      if (failure !== null) throw failure;
    },
  };
}

/** @returns Bytes up to the end of the last whole line; what follows is no measurement. */
async function readLines(path: string, size: number, measured: Map<string, Estimate>): Promise<number> {
  let end = 0;
  if (size === 0) return end;
  // Never as one text: with a thousand classes a file outgrows the longest that there may be.
  const stream = createReadStream(path, { encoding: 'latin1', end: size - 1 });
  try {
    for await (const text of createInterface({ input: stream })) {
      const next = end + text.length + 1;
      const line = next <= size ? parseLine(text) : null;
      if (line === null) break;
      measured.set(line.hash, line.estimate);
      end = next;
    }
  } finally {
    stream.destroy();
  }
  return end;
}

function parseLine(text: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.safeParse(decodeJson(text)).data ?? null;
  } catch {
    return null;
  }
}
