/**
 * The wall clock of the service jumps forward and back under load, by seconds to years. With SQLite leases
 * run on that clock; with PostgreSQL on the database server's, so that a replica's clock decides nothing
 * there.
 *
 *     node faults/run.ts clock
 */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { comparingHeld } from './resource-growth.ts';
import { attempt, between, check, long, newFolder, pick } from './harness.ts';
import { refusals, startLoad, requireDocumented } from './load.ts';
import { survived } from './report.ts';
import { openScene } from './scene.ts';

const JUMPS = long ? 60 : 16;
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const SHIFTS = [5 * SECOND, 61 * SECOND, HOUR, 24 * HOUR, 365 * 24 * HOUR, 10 * 365 * 24 * HOUR];

await attempt(async () => {
  const file = join(await newFolder(), 'shift');
  const shift = (milliseconds: number): void => {
    // Never half-written where the service reads it.
    writeFileSync(`${file}.new`, String(milliseconds));
    renameSync(`${file}.new`, file);
  };
  shift(0);
  const scene = await openScene();
  const service = await scene.start({
    flags: ['--import', fileURLToPath(new URL('./clock-shift.ts', import.meta.url))],
    environment: { CLOCK_SHIFT_FILE: file },
  });
  const compare = await comparingHeld(service, scene.client);
  const load = startLoad(scene.client, 12, 2);
  for (let jump = 0; jump < JUMPS; jump++) {
    shift(Math.round(pick(SHIFTS) * pick([-1, 1]) * between(0.5, 1)));
    await sleep(between(200, 600));
  }
  shift(0);
  await sleep(500);
  await load.stop();
  const held = await compare();
  await service.stop();
  requireDocumented(load.answers);
  check(load.labels > 0, 'nothing was labelled, so no lease met a jump');
  const late = load.answers.filter(({ reasons }) => reasons.includes('over_budget')).length;
  survived({
    fault: 'clock jumped',
    done: `${JUMPS} jumps of 3 s to 10 years, both ways`,
    found: await scene.examine(),
    note: `${late} over_budget; ${refusals(load.answers)}; ${held}`,
  });
});
