import type {
  Hold,
  LeaseOutcome,
  ReassignOutcome,
  SettleOutcome,
  UndoRefusal,
} from '../../../src/store/reviewing.ts';
import type { Said } from './steps.ts';

interface Lease {
  readonly token: string;
  readonly reviewer: string;
  readonly endMs: number;
}

interface Item {
  readonly id: string;
  readonly modelDigest: string;
  readonly priority: number;
  readonly createdMs: number;
  readonly agree: number;
  readonly most: number;
  lease: Lease | null;
  assignedTo: string | null;
  /** Answers that stand, by reviewer, each with the token it was given with. 'discard' is an answer. */
  readonly answers: Map<
    string,
    { readonly answer: string; readonly token: string; readonly givenMs: number }
  >;
  outcome: 'open' | 'labelled' | 'discarded' | 'disputed';
  label: string | null;
  finding: Said['finding'];
  decidedMs: number;
  settles: boolean;
  exported: boolean;
  /** When each reviewer last skipped it. */
  readonly skipped: Map<string, number>;
}

const DISCARD = 'discard';

/** The queue's rules over a plain map, written for the eye: an oracle for what the adapters do in SQL. */
export class ModelQueue {
  readonly items = new Map<string, Item>();
  #lastExportMs = -Infinity;

  record(item: Pick<Item, 'id' | 'modelDigest' | 'priority' | 'createdMs' | 'agree' | 'most'>): void {
    this.items.set(item.id, {
      ...item,
      lease: null,
      assignedTo: null,
      answers: new Map(),
      outcome: 'open',
      label: null,
      finding: null,
      decidedMs: 0,
      settles: false,
      exported: false,
      skipped: new Map(),
    });
  }

  /** The ids that a claim would give now, in their order. */
  offer(reviewer: string, modelDigest: string, limit: number, now: number): string[] {
    const waiting = [...this.items.values()].filter(
      ({ outcome, lease, answers, ...item }) =>
        item.modelDigest === modelDigest &&
        outcome === 'open' &&
        !answers.has(reviewer) &&
        (lease === null || lease.endMs <= now),
    );
    const part = ({ assignedTo, skipped }: Item): number => {
      if (assignedTo !== null) return assignedTo === reviewer ? 0 : 3;
      return skipped.has(reviewer) ? 2 : 1;
    };
    waiting.sort((a, b) => {
      if (part(a) !== part(b)) return part(a) - part(b);
      const [skippedA, skippedB] = [a, b].map(({ skipped }) => skipped.get(reviewer) ?? 0) as [
        number,
        number,
      ];
      if (part(a) === 2 && skippedA !== skippedB) return skippedA - skippedB;
      if (a.priority !== b.priority) return b.priority - a.priority;
      return a.createdMs - b.createdMs || a.id.localeCompare(b.id);
    });
    return waiting.slice(0, limit).map((item) => item.id);
  }

  lease(id: string, token: string, reviewer: string, endMs: number): void {
    this.items.get(id)!.lease = { token, reviewer, endMs };
  }

  renew(id: string, hold: Hold, endMs: number): LeaseOutcome {
    const item = this.items.get(id)!;
    if (!isHeld(item, hold)) return 'lease_lost';
    item.lease = { token: hold.lease, reviewer: hold.reviewer, endMs };
    return 'done';
  }

  putBack(id: string, hold: Hold, how: 'release' | 'skip', now: number): LeaseOutcome {
    const item = this.items.get(id)!;
    if (!isHeld(item, hold)) return 'lease_lost';
    const { reviewer } = hold;
    if (how === 'skip') {
      item.skipped.set(reviewer, now);
      if (item.assignedTo === reviewer) item.assignedTo = null;
    }
    item.lease = null;
    return 'done';
  }

  answer(id: string, token: string, reviewer: string, { label, finding }: Said, now: number): LeaseOutcome {
    const item = this.items.get(id)!;
    const answer = label ?? finding ?? DISCARD;
    if (!isHeld(item, { lease: token, reviewer })) {
      const given = item.answers.get(reviewer);
      return given?.token === token && given.answer === answer ? 'done' : 'lease_lost';
    }
    item.lease = null;
    item.answers.set(reviewer, { answer, token, givenMs: now });
    const alike = [...item.answers.values()].filter((given) => given.answer === answer).length;
    if (item.settles || alike >= item.agree) item.outcome = label === null ? 'discarded' : 'labelled';
    else if (item.answers.size >= item.most) item.outcome = 'disputed';
    if (item.outcome === 'labelled') item.label = label;
    if (item.outcome === 'discarded') item.finding = finding;
    item.decidedMs = now;
    if (item.outcome !== 'open') {
      item.assignedTo = null;
      item.skipped.clear();
    } else if (item.assignedTo === reviewer) item.assignedTo = null;
    return 'done';
  }

  undo(id: string, reviewer: string): UndoRefusal | 'done' {
    const item = this.items.get(id)!;
    const given = item.answers.get(reviewer);
    if (given === undefined) return 'nothing_to_undo';
    if (isExported(item) ? item.exported : this.#exportIsPast(given.givenMs, id)) return 'label_exported';
    item.answers.delete(reviewer);
    item.outcome = 'open';
    item.label = null;
    item.finding = null;
    return 'done';
  }

  reassign(id: string, to: string | null): ReassignOutcome {
    const item = this.items.get(id)!;
    if (item.outcome === 'labelled' || item.outcome === 'discarded') return 'item_decided';
    if (to !== null && item.answers.has(to)) return 'already_answered';
    if (item.outcome === 'disputed') item.settles = true;
    item.outcome = 'open';
    item.assignedTo = to;
    item.lease = null;
    return 'done';
  }

  settle(id: string, by: string, { label, finding }: Said, now: number): SettleOutcome {
    const item = this.items.get(id)!;
    if (item.outcome === 'labelled' || item.outcome === 'discarded') return 'item_decided';
    if (item.answers.has(by)) return 'already_answered';
    if (item.answers.size === 0) return 'nothing_to_settle';
    item.answers.set(by, { answer: label ?? finding ?? DISCARD, token: '', givenMs: now });
    Object.assign(item, { lease: null, assignedTo: null, decidedMs: now, label, finding, settles: true });
    item.outcome = label === null ? 'discarded' : 'labelled';
    item.skipped.clear();
    return 'done';
  }

  #exportIsPast(ms: number, id: string): boolean {
    const waiting = [...this.items.values()].filter((item) => isExported(item) && !item.exported);
    const before = ({ decidedMs, id: other }: Item) => decidedMs < ms || (decidedMs === ms && other < id);
    return ms <= this.#lastExportMs && !waiting.some(before);
  }

  /** The labels that an export gives that has given all former ones. */
  exportNew(now: number): string[] {
    const labelled = [...this.items.values()].filter((item) => isExported(item) && !item.exported);
    for (const item of labelled) item.exported = true;
    if (labelled.length > 0) this.#lastExportMs = now;
    return labelled.map(({ id }) => id);
  }
}

/** Whether it has a line in the export, sealed or not. */
function isExported({ outcome, finding }: Item): boolean {
  return outcome === 'labelled' || finding === 'none_of_these';
}

function isHeld(item: Item, { lease, reviewer }: Hold): boolean {
  return item.lease?.token === lease && item.lease.reviewer === reviewer;
}
