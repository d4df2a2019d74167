import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggingClient } from './client-log.ts';
import { check } from './harness.ts';
import { startLoad } from './load.ts';
import { type Held, heldBy, type RunningService } from './service.ts';

const WARM_UP_MS = 3_000;
/** Idle connections are closed, and what a burst has allocated is collected, a moment after. */
const REST_MS = 1_000;
/**
 * Memory swings with what the collector has not yet taken; a leak passes this soon, and the soak finds a
 * slow one.
 */
const MOST_MEMORY = 1.6;
const SLACK_MB = 80;
/** A connection or file more may be open by chance. */
const SLACK_DESCRIPTORS = 6;

/** Memory and descriptors after a moment of the same load and a rest, so that two of them can be compared. */
async function atRest(service: RunningService, client: LoggingClient): Promise<Held> {
  const load = startLoad(client, 16);
  await sleep(WARM_UP_MS);
  await load.stop();
  client.closeConnections();
  await sleep(REST_MS);
  return heldBy(service.pid);
}

/**
 * Measures what the service holds now; the function it gives measures again, and says both.
 *
 * @throws (from the given function) where the service or its engine holds much more than before
 */
export async function comparingHeld(
  service: RunningService,
  client: LoggingClient,
): Promise<() => Promise<string>> {
  const before = await atRest(service, client);
  return async () => {
    const after = await atRest(service, client);
    const said = describeGrowth(before, after);
    const memoryIsBack = (key: 'serviceMb' | 'engineMb'): boolean =>
      after[key] <= MOST_MEMORY * before[key] + SLACK_MB;
    check(memoryIsBack('serviceMb') && memoryIsBack('engineMb'), `memory is not back: ${said}`);
    check(
      after.descriptors <= before.descriptors + SLACK_DESCRIPTORS &&
        after.engineDescriptors <= before.engineDescriptors + SLACK_DESCRIPTORS,
      `descriptors are not back: ${said}`,
    );
    return said;
  };
}

export function describeGrowth(before: Held, after: Held): string {
  const of = (key: keyof Held): string => `${Math.round(before[key])} → ${Math.round(after[key])}`;
  return (
    `memory ${of('serviceMb')} MB, engine ${of('engineMb')} MB; ` +
    `descriptors ${of('descriptors')}, engine ${of('engineDescriptors')}`
  );
}
