/**
 * Load without a fault for half an hour, 45 seconds in the short form: memory and descriptors at the end against those after a warm-up of
 * the same load.
 *
 *     node faults/run.ts soak
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describeGrowth } from './at-rest.ts';
import { attempt, check, long, survived } from './harness.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { openScene } from './scene.ts';
import { type Held, heldBy } from './service.ts';

const WARM_UP_MS = long ? 120_000 : 15_000;
const SOAK_MS = long ? 30 * 60_000 : 45_000;
/** Each figure is the median of so many, a second apart: memory swings between collections. */
const SAMPLES = long ? 30 : 7;
/** What half an hour may add to memory; the short form is too short to tell a slow leak from the collector's mood. */
const MOST_MEMORY = long ? 1.3 : 1.6;
const SLACK_DESCRIPTORS = 4;

async function median(pid: number): Promise<Held> {
  const seen: Held[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    seen.push(await heldBy(pid));
    await sleep(1000);
  }
  const of = (key: keyof Held): number => seen.map((held) => held[key]).sort((a, b) => a - b)[SAMPLES >> 1]!;
  return {
    serviceMb: of('serviceMb'),
    engineMb: of('engineMb'),
    descriptors: of('descriptors'),
    engineDescriptors: of('engineDescriptors'),
  };
}

await attempt(async () => {
  const scene = await openScene();
  const service = await scene.start();
  const load = startLoad(scene.client, 16);
  await sleep(WARM_UP_MS);
  const before = await median(service.pid);
  await sleep(SOAK_MS);
  const after = await median(service.pid);
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
    note: `${refusals(load.answers)}; at the same load ${growth}`,
  });
});
