/**
 * Load without a fault for half an hour, 35 seconds in the short form: the least memory and descriptors of
 * its last sixth against those of its first, after a warm-up of the same load.
 *
 *     node faults/run.ts soak
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeGrowth } from './resource-growth.ts';
import { attempt, check, long } from './harness.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';
import { type Held, heldBy } from './service.ts';

const WARM_UP_MS = long ? 120_000 : 15_000;
const SOAK_MS = long ? 30 * 60_000 : 35_000;
/** Of the soak, at its beginning and at its end. */
const WINDOW_MS = SOAK_MS / 6;
const SAMPLE_MS = 1000;
const SHOWN_MS = 60_000;
/**
 * What half an hour may add to memory; the short form is too short to tell a slow leak from the collector's
 * mood.
 */
const MOST_MEMORY = long ? 1.3 : 1.6;
const SLACK_DESCRIPTORS = 4;

/**
 * The least of each figure within `milliseconds`: what is held, whatever the collector has not taken yet.
 */
async function leastWithin(pid: number, milliseconds: number): Promise<Held> {
  const ends = performance.now() + milliseconds;
  let least = await heldBy(pid);
  let shown = 0;
  while (performance.now() < ends) {
    await sleep(SAMPLE_MS);
    const seen = await heldBy(pid);
    least = {
      serviceMb: Math.min(least.serviceMb, seen.serviceMb),
      decoderMb: Math.min(least.decoderMb, seen.decoderMb),
      engineMb: Math.min(least.engineMb, seen.engineMb),
      descriptors: Math.min(least.descriptors, seen.descriptors),
      engineDescriptors: Math.min(least.engineDescriptors, seen.engineDescriptors),
    };
    if (performance.now() - shown < SHOWN_MS) continue;
    shown = performance.now();
    console.log(`  memory ${Math.round(seen.serviceMb)} MB, engine ${Math.round(seen.engineMb)} MB`);
  }
  return least;
}

await attempt(async () => {
  const scene = await openScene();
  const service = await scene.start();
  const load = startLoad(scene.client, 16);
  await sleep(WARM_UP_MS);
  const before = await leastWithin(service.pid, WINDOW_MS);
  await leastWithin(service.pid, SOAK_MS - 2 * WINDOW_MS);
  const after = await leastWithin(service.pid, WINDOW_MS);
  await load.stop();
  await service.stop();
  requireDocumented(load.answers);
  check(service.errors.length === 0, `the service logged errors: ${service.errors[0] ?? ''}`);
  const growth = describeGrowth(before, after);
  for (const key of ['serviceMb', 'engineMb'] as const)
    check(after[key] <= MOST_MEMORY * before[key], `memory grows: ${growth}`);
  for (const key of ['descriptors', 'engineDescriptors'] as const)
    check(after[key] <= before[key] + SLACK_DESCRIPTORS, `descriptors grow: ${growth}`);
  survived({
    fault: 'soak',
    done: `${Math.round(SOAK_MS / 1000)} s at 16 connections`,
    found: await scene.examine(),
    note: `${refusals(load.answers)}; least of the first sixth and of the last: ${growth}`,
  });
});
