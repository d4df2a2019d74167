/** The group of every image whose stream is not configured, or that has none. */
export const OTHER_STREAMS = 'other';

/** The group of a stream, by the name that a caller gave; null where none was given. */
export type StreamGroupOf = (stream: string | null) => string;

/**
 * The groups of streams: each of the configured names is one of its own, and all others are `other` together.
 * Callers give the names, any number of them; groups are as few as the operator says.
 */
export function streamGroups(configured: readonly string[]): StreamGroupOf {
  const names = new Set(configured);
  return (stream) => (stream !== null && names.has(stream) ? stream : OTHER_STREAMS);
}
