import type { CheckedPort, PlainText } from '../../plain-text.ts';
import type { Predictor } from '../../prediction/predictor.ts';
import type { Records } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { ServiceEvent, Trail } from '../../store/trail.ts';

type Detail = PlainText | number | boolean | null | readonly Detail[] | { readonly [name: string]: Detail };

/** What somebody did to the service, told in checked text. */
interface CheckedEvent extends ServiceEvent {
  readonly who: PlainText | null;
  readonly detail: { readonly [name: string]: Detail };
}

interface CheckedTrail extends CheckedPort<Pick<Trail, 'read'>> {
  recordAct(event: CheckedEvent): Promise<void>;
}

/**
 * The store as routes have it, which every store is. A route that hands it text which nobody has checked
 * does not compile. Predictions are recorded and audits are drawn by the predictor alone; oversight closes
 * gates.
 */
export interface CheckedStore extends CheckedPort<
  Omit<Store, 'trail' | 'records' | 'keeping' | 'alarms' | 'closings'>
> {
  readonly trail: CheckedTrail;
  readonly records: CheckedPort<Pick<Records, 'find' | 'findRequest'>>;
}

/** The predictor likewise. */
export type CheckedPredictor = CheckedPort<Predictor>;
