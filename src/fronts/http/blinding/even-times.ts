import { setTimeout as wait } from 'node:timers/promises';

/** Far more than what deciding an item takes beside passing it on, and too short for a person to notice. */
const STEP_MS = 20;

/**
 * Does it, and is done only when a whole number of steps has passed since.
 *
 * An answer that decides its item writes more than one that does not, and takes a little longer. Where audits
 * alone are asked of further people, whoever times their own calls would learn which those are; so the call
 * ends at the same moments, whether it decided anything or not, and whether it failed.
 */
export async function atEvenTimes<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    const took = performance.now() - began;
    await wait(Math.ceil(took / STEP_MS) * STEP_MS - took);
  }
}
