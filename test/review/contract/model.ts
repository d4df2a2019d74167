import type { LeaseOutcome } from '../../../src/review/queue.ts';

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
  lease: Lease | null;
  label: string | null;
  /** When each reviewer last skipped it. */
  readonly skipped: Map<string, number>;
}

/** The queue's rules over a plain map, written for the eye: an oracle for what the adapters do in SQL. */
export class ModelQueue {
  readonly items = new Map<string, Item>();

  record(id: string, modelDigest: string, priority: number, createdMs: number): void {
    this.items.set(id, {
      id,
      modelDigest,
      priority,
      createdMs,
      lease: null,
      label: null,
      skipped: new Map(),
    });
  }

  /** The ids that a claim would give now, in their order. */
  offer(reviewer: string, modelDigest: string, limit: number, now: number): string[] {
    const waiting = [...this.items.values()].filter(
      ({ label, lease, ...item }) =>
        item.modelDigest === modelDigest && label === null && (lease === null || lease.endMs <= now),
    );
    const skippedMs = (item: Item) => item.skipped.get(reviewer) ?? Number.NEGATIVE_INFINITY;
    waiting.sort((a, b) => {
      if (skippedMs(a) !== skippedMs(b)) return skippedMs(a) - skippedMs(b);
      if (a.priority !== b.priority) return b.priority - a.priority;
      return a.createdMs - b.createdMs || a.id.localeCompare(b.id);
    });
    return waiting.slice(0, limit).map((item) => item.id);
  }

  lease(id: string, token: string, reviewer: string, endMs: number): void {
    this.items.get(id)!.lease = { token, reviewer, endMs };
  }

  renew(id: string, token: string, endMs: number): LeaseOutcome {
    const item = this.items.get(id)!;
    if (item.label !== null || item.lease?.token !== token) return 'lease_lost';
    item.lease = { ...item.lease, endMs };
    return 'done';
  }

  putBack(id: string, token: string, how: 'release' | 'skip', now: number): LeaseOutcome {
    const item = this.items.get(id)!;
    if (item.label !== null || item.lease?.token !== token) return 'lease_lost';
    if (how === 'skip') item.skipped.set(item.lease.reviewer, now);
    item.lease = null;
    return 'done';
  }

  label(id: string, token: string, label: string): LeaseOutcome {
    const item = this.items.get(id)!;
    if (item.lease?.token !== token) return 'lease_lost';
    item.label ??= label;
    return item.label === label ? 'done' : 'lease_lost';
  }
}
