/** Streams that are remembered; callers name any number of them. */
const MOST_STREAMS = 10_000;

/**
 * Whether an image of a stream is to be looked at now: not sooner than `spacingMs` after the last one that
 * was. Frames of a film are alike, and an alarm takes each image for one that was drawn anew.
 */
export function createSpacing(spacingMs: number): (stream: string | null, nowMs: number) => boolean {
  const last = new Map<string | null, number>();
  return (stream, nowMs) => {
    if (spacingMs === 0) return true;
    const before = last.get(stream);
    if (before !== undefined && nowMs - before < spacingMs && nowMs >= before) return false;
    last.delete(stream);
    last.set(stream, nowMs);
    if (last.size > MOST_STREAMS) last.delete(last.keys().next().value!);
    return true;
  };
}
