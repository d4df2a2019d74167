import { decodeTime, isValid } from 'ulid';

/** Ids may have times that are a little older than what they name. */
const LATEST_MS = 60_000;

/**
 * The time of an item, which reviewers see in lists and cursors: that of its id, so that it tells no more
 * than the id does. Where the id has none, or that of another moment, it is the prediction's.
 */
export function itemTime(id: string, createdMs: number): number {
  if (!isValid(id)) return createdMs;
  const age = createdMs - decodeTime(id);
  return age >= 0 && age < LATEST_MS ? createdMs - age : createdMs;
}
