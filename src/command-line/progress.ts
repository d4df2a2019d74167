/** A line that shows how far work has come. */
export interface Progress {
  /** @param done Of `total`, what was done before included. */
  readonly report: (done: number, total: number) => void;
  /** Takes the line away. */
  readonly end: () => void;
}

/** What of a stream is needed: `process.stderr` is one. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

const BAR = 24;
const REDRAW_MS = 100;
const NARROWEST = 20;

/**
 * Shows count, percent, images a second and time left on a terminal, and nothing anywhere else.
 *
 * @param now In milliseconds.
 */
export function createProgress(
  what: string,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  if (stream.isTTY !== true) return { report: () => undefined, end: () => undefined };
  let start: { readonly done: number; readonly at: number } | null = null;
  let drawn = -Infinity;
  return {
    report: (done, total) => {
      const at = now();
      // What was done before it began tells nothing of the pace.
      start ??= { done, at };
      if (at - drawn < REDRAW_MS && done < total) return;
      drawn = at;
      const perSecond = at > start.at ? (1000 * (done - start.done)) / (at - start.at) : 0;
      const columns = Math.max(NARROWEST, stream.columns ?? 80);
      stream.write(`\r\u001b[2K${progressLine(what, done, total, perSecond).slice(0, columns - 1)}`);
    },
    end: () => {
      if (start !== null) stream.write('\r\u001b[2K');
      start = null;
    },
  };
}

/** One line for a terminal, the bar last, so that a narrow one cuts it off first. */
export function progressLine(what: string, done: number, total: number, perSecond: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.floor(share * BAR);
  const pace =
    perSecond > 0 ? `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)} images/s` : null;
  const left = perSecond > 0 ? `${duration((total - done) / perSecond)} left` : null;
  const parts = [`${what}: ${done}/${total}`, `${Math.floor(100 * share)}%`, pace, left];
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)}`;
  return `${parts.filter((part) => part !== null).join('  ')}  ${bar}`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole} s`;
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/**
 * Shows on standard error how far one step of a command's work has come; the line is taken away when it is
 * done.
 */
export function progressOf(what: string): (done: number, total: number) => void {
  const progress = createProgress(what);
  return (done, total) => {
    progress.report(done, total);
    if (done === total) progress.end();
  };
}
