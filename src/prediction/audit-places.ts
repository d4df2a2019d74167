import { randomInt } from 'node:crypto';

/** Of so many inputs in review by reason, the latest, audits take their places. */
const KEPT = 1024;

/**
 * Where audits stand in the queue: among the others, by the law of the others.
 *
 * An automatic answer is less sensitive than nearly all that is in review by reason. By its own sensitivity
 * an audit would come behind all of them: reviewers would know it by its place, and in a backlog no audit
 * would ever be looked at. So an audit takes the priority of one of the latest others, drawn at random.
 * While there was none its own will do.
 */
export function createAuditPlaces() {
  const latest: number[] = [];
  let next = 0;
  return {
    /** Notes the priority of an input in review by reason. */
    note: (priority: number): void => {
      latest[next] = priority;
      next = (next + 1) % KEPT;
    },
    /** The priority of an audit. */
    draw: (own: number): number => (latest.length === 0 ? own : latest[randomInt(latest.length)]!),
  };
}
