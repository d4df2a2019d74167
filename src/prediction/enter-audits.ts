import type { Store } from '../store/store.ts';
import { auditPriority } from './audit-place.ts';

export interface EntryDeps {
  readonly keeping: Pick<Store['keeping'], 'dueAudits' | 'recentPriorities' | 'enter'>;
  /** Of an item of that time; made as the ids of predictions are, which those in review by reason have. */
  readonly itemId: (ms: number) => string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform in [0, 1); nobody may be able to foretell it. */
  readonly random: () => number;
}

const AT_ONCE = 100;
/** As many others an audit's place goes by. */
const OTHERS = 1000;

/** Has the audits that are due enter the queue, those that another process has left behind too. */
export async function enterAudits({ keeping, itemId, now, random }: EntryDeps): Promise<void> {
  for (;;) {
    const due = await keeping.dueAudits(now(), AT_ONCE);
    const others = new Map<string, readonly number[]>();
    for (const { modelDigest } of due)
      if (!others.has(modelDigest))
        others.set(modelDigest, await keeping.recentPriorities(modelDigest, OTHERS));
    const entries = due.map(({ predictionId, modelDigest, priority, createdMs }) => ({
      predictionId,
      itemId: itemId(createdMs),
      createdMs,
      priority: auditPriority(others.get(modelDigest)!, priority, random),
    }));
    if (entries.length > 0) await keeping.enter(entries);
    if (due.length < AT_ONCE) return;
  }
}
