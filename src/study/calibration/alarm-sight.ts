import type { GateFile } from '../../gate/gate.ts';
import { eventsOf } from '../../gate/watched-events.ts';
import { type Sight, smallestShares } from '../../numerics/sequential/alarm-plan.ts';

/** Images after a change for which calibrate says what is told. */
const WITHIN = [1000, 4000, 20_000] as const;

/**
 * The least share of unfamiliar junk that the alarm for change tells of by this gate, within so many images
 * on average; null where the gate knows nothing of familiarity.
 */
export function alarmSight({ calibration: { reference } }: GateFile): readonly Sight[] | null {
  const unfamiliar = reference && eventsOf(reference).find(({ what }) => what.kind === 'unfamiliar');
  return unfamiliar ? smallestShares(reference.images, unfamiliar, WITHIN) : null;
}
