/**
 * An engine process that is started again whenever it ends:
 *
 *   starting ──► ready ──► ended ──► starting again, later each time it fails
 *                  │                    ▲
 *                  └── silent: killed ──┘
 *
 * It owes a message as long as it has work. A process that says nothing for `silenceMs` meanwhile hangs, and
 * is killed. Silence is counted in looks of this process, so that no time counts in which both were stopped.
 */
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
import type { EngineProcessOptions, FromEngine, ToEngine } from './messages.ts';

const RESTART_MS = 100;
const LONGEST_RESTART_MS = 5000;

export interface SupervisedProcessEvents {
  /** Whether it has work that it has not answered. */
  readonly hasWork: () => boolean;
  readonly onReady: () => void;
  /** It cannot run the model; `onEnd` follows. */
  readonly onUnusable: (message: string) => void;
  readonly onBatch: (batch: FromEngine & { type: 'batch' }) => void;
  /** @param failures Ends since it last did work, this one included. */
  readonly onEnd: (how: string, failures: number) => void;
}

export interface SupervisedProcess {
  readonly ready: boolean;
  readonly pid: number | undefined;
  send(message: ToEngine): void;
  /** Ends it for good; no event follows. */
  close(): void;
}

/** Starts an engine process, and another whenever it ends or falls silent, until `close`. */
export function superviseProcess(
  options: EngineProcessOptions,
  silenceMs: number,
  events: SupervisedProcessEvents,
): SupervisedProcess {
  let running: EngineProcess | null = null;
  let ready = false;
  let closed = false;
  let failures = 0;
  let restart: NodeJS.Timeout | null = null;
  /** How often a message was looked for since one is owed; null when none is. */
  let silentLooks: number | null = null;

  const start = (): void => {
    restart = null;
    running = startEngineProcess(options, { onMessage: receive, onExit: startAgain });
  };

  const receive = (message: FromEngine): void => {
    if (message.type === 'unusable') {
      running?.kill();
      events.onUnusable(message.message);
    } else if (message.type === 'ready') {
      ready = true;
      events.onReady();
    } else {
      failures = 0;
      events.onBatch(message);
      silentLooks = events.hasWork() ? 0 : null;
    }
  };

  const startAgain = (how: string): void => {
    running = null;
    ready = false;
    silentLooks = null;
    if (closed) return;
    const delay = Math.min(LONGEST_RESTART_MS, RESTART_MS * 2 ** failures);
    failures++;
    restart = setTimeout(start, failures === 1 ? 0 : delay);
    events.onEnd(how, failures);
  };

  const lookEveryMs = Math.max(50, silenceMs / 4);
  const watch = setInterval(() => {
    if (silentLooks !== null && ++silentLooks * lookEveryMs > silenceMs) running?.kill();
  }, lookEveryMs);
  watch.unref();

  start();
  return {
    get ready() {
      return ready;
    },
    get pid() {
      return running?.pid;
    },
    send: (message) => {
      if (message.type === 'work') silentLooks ??= 0;
      running?.send(message);
    },
    close: () => {
      closed = true;
      clearInterval(watch);
      if (restart) clearTimeout(restart);
      running?.kill();
    },
  };
}
