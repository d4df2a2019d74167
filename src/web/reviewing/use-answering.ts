import { useState } from 'preact/hooks';
import type { ServedModel } from '../../wire/model.ts';
import type { Finding } from '../../wire/review-states.ts';
import type { Runner } from '../session/runner.ts';
import type { Held } from '../session/state.ts';
import { used } from './label-order.ts';
import { markAnswer } from './next-image-timing.ts';

export interface Answering {
  /** The labels submitted lately, latest first. */
  readonly recent: readonly string[];
  /** @param atMs The `timeStamp` of the event that asked for it. */
  readonly answer: (kind: 'submit' | 'skip' | Finding | 'discard', atMs: number) => void;
  /** Chooses a label, and submits it where the reviewer wants that; an undefined label changes nothing. */
  readonly choose: (label: string | undefined, atMs: number) => void;
  /** Chooses the label that stands one place after or before the chosen one in `labels`. */
  readonly move: (labels: readonly string[], by: 1 | -1) => void;
}

/**
 * What a reviewer can do with the item on screen.
 *
 * An item of another model than the page's is neither answered nor given a label by `choose`.
 *
 * @param held The item on screen; undefined where there is none.
 * @param submitAtOnce Whether choosing a label also submits it.
 */
export function useAnswering(
  runner: Runner,
  held: Held | undefined,
  model: ServedModel,
  submitAtOnce: boolean,
): Answering {
  const [recent, setRecent] = useState<readonly string[]>([]);
  const chosen = held?.draft.label ?? null;
  const answerable = held?.item.model_digest === model.digest;
  return {
    recent,
    answer: (kind, atMs) => {
      if (!answerable) return;
      if (kind !== 'submit' || chosen !== null) markAnswer(atMs);
      if (kind === 'submit' && chosen !== null) setRecent(used(recent, chosen));
      runner.dispatch({ on: kind });
    },
    choose: (label, atMs) => {
      if (!answerable || label === undefined) return;
      runner.dispatch({ on: 'choose', label });
      if (!submitAtOnce) return;
      markAnswer(atMs);
      setRecent(used(recent, label));
      runner.dispatch({ on: 'submit' });
    },
    move: (labels, by) => {
      const place = chosen === null ? -1 : labels.indexOf(chosen);
      const next =
        place < 0 ? (by > 0 ? 0 : labels.length - 1) : (place + by + labels.length) % labels.length;
      const label = labels[next];
      if (label !== undefined) runner.dispatch({ on: 'choose', label });
    },
  };
}
