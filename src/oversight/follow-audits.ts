import type { AuditLabel, AuditPlace } from '../store/audit-labels.ts';
import type { Figures } from '../store/figures.ts';
import type { PromiseEvidence } from './promise-evidence.ts';
import { createStreamTests, type StreamName, type StreamTests, type TestedGate } from './stream-tests.ts';

/** What is tested; another key begins anew. */
export interface AuditQuestion extends TestedGate {
  /** Of all that `TestedGate` says. */
  readonly key: string;
}

/** Follows the labels of audits as they come in, and reads each no more often than it must. */
export interface AuditFollower {
  /** What all labels up to now tell, by stream. One look at a time: others wait for it. */
  look(question: AuditQuestion): Promise<ReadonlyMap<StreamName, PromiseEvidence>>;
}

export interface FollowerDeps {
  readonly figures: Pick<Figures, 'auditLabels'>;
  readonly modelDigest: string;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
}

/** Read at once; they take about ten milliseconds. */
const PAGE = 2000;

/**
 * Labels that are older stand, as a rule: younger ones are read anew at every look, since they may be taken
 * back, and transactions may commit in another order than that of their times.
 */
const SETTLED_MS = 120_000;

interface Followed {
  readonly key: string;
  readonly tests: StreamTests;
  /** Up to where the labels are in `tests`; null before the first. */
  place: AuditPlace | null;
  /** How many, of all gates. */
  count: number;
}

export function followAudits({ figures, modelDigest, now }: FollowerDeps): AuditFollower {
  let followed: Followed | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const begin = (question: AuditQuestion): Followed => ({
    key: question.key,
    tests: createStreamTests(question),
    place: null,
    count: 0,
  });

  const look = async (question: AuditQuestion): Promise<ReadonlyMap<StreamName, PromiseEvidence>> => {
    let current = followed?.key === question.key ? followed : begin(question);
    const settledMs = now() - SETTLED_MS;
    const young: AuditLabel[] = [];
    for (let place = current.place, isFirst = true; ; isFirst = false) {
      const page = { modelDigest, after: place, limit: PAGE };
      const { labels, before } = await figures.auditLabels(isFirst ? { ...page, counted: true } : page);
      if (isFirst && before !== current.count) {
        // One that was counted is gone, or one came between: whatever was concluded from them is not so.
        current = begin(question);
        place = null;
        continue;
      }
      for (const label of labels) {
        if (young.length > 0 || label.decidedMs > settledMs) young.push(label);
        else settle(current, label);
      }
      if (labels.length < PAGE) break;
      place = labels.at(-1)!;
    }
    followed = current;
    if (young.length === 0) return current.tests.summaries();
    const tests = current.tests.copy();
    for (const label of young) tests.observe(label);
    return tests.summaries();
  };

  return {
    look: (question) => {
      const looking = last.then(() => look(question));
      last = looking.catch(() => undefined);
      return looking;
    },
  };
}

function settle(followed: Followed, label: AuditLabel): void {
  followed.tests.observe(label);
  followed.place = label;
  followed.count++;
}
