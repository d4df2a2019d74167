/** A time as it crosses the wire. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
