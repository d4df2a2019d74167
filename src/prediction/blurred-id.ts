import { ulid } from 'ulid';
import { unforeseeable } from './unforeseeable.ts';

/** An audit enters the queue far less than that after its answer. */
const BLUR_MS = 2000;

/**
 * ULID of a prediction or item that was made then, whose time is drawn from the two seconds before.
 *
 * Reviewers see an item's id and its time alone. An audit enters the queue a moment after its answer, and an
 * item by reason with it: who watches the queue could tell them by how old they are when they appear, and by
 * how they lie to each other in time, if times were exact.
 */
export function blurredId(ms: number): string {
  return ulid(ms - Math.floor(unforeseeable() * BLUR_MS));
}
