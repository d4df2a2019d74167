import { parseArgs } from 'node:util';
import { readConfig } from '../service/settings.ts';
import { cliCaller } from '../command-line/caller.ts';
import { openStore } from '../service/open-store.ts';

export const usage = `sensigate retain --older-than <age>

Deletes the images of items that were labelled or discarded longer ago than that, such as 30d, 12h or 90m, and the
idempotency keys that are not known any more. Labels, records and histories are kept. May run beside the service. DATA_DIR or DATABASE_URL say of which queue.`;

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;

/** Deletes old images. Exit code 0 when none is left that is older. */
export async function retain(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { 'older-than': { type: 'string' } } });
  const age = ageMs(values['older-than'] ?? '');
  if (age === null) {
    console.error(usage);
    return 2;
  }
  const store = await openStore(readConfig(process.env));
  try {
    const before = Date.now() - age;
    const deleted = await store.retention.deleteImages(before);
    if (deleted > 0) {
      const detail = { images: deleted, decided_before: new Date(before).toISOString() };
      await store.trail.recordAct({ act: 'images_deleted', who: cliCaller(), detail });
    }
    const forgotten = await store.retention.forgetRequests();
    console.log(`${deleted} images and ${forgotten} idempotency keys deleted`);
    return 0;
  } finally {
    await store.close();
  }
}

/** Milliseconds of an age like `30d`; null for anything else. */
export function ageMs(text: string): number | null {
  const [, count, unit] = /^(\d{1,6})([dhm])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
