/**
 * How a process is asked to stop, from its first moment on.
 *
 * SIGTERM or SIGINT asks; a second one asks to stop at once. The signals are taken before anything is opened,
 * because a process that is number 1 of its container ignores those that it has no handler for, and would be
 * killed in the end.
 */
export interface Stop {
  /** The signal's name, once there is one. */
  readonly asked: Promise<NodeJS.Signals>;
  /** Resolves with the second. */
  readonly askedAgain: Promise<NodeJS.Signals>;
  readonly isAsked: boolean;
  /**
   * What `work` comes to, unless stopping is asked for before.
   *
   * @throws Stopped
   */
  unlessAsked<T>(work: Promise<T>): Promise<T>;
  /** Leaves the signals to others. */
  close(): void;
}

/** Stopping was asked for while the service started. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** For what is closed after the last answer: engine, database, traces. Nothing of it takes so long. */
export const CLOSE_MS = 10_000;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

export function listenForStop(): Stop {
  const first = Promise.withResolvers<NodeJS.Signals>();
  const second = Promise.withResolvers<NodeJS.Signals>();
  let isAsked = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isAsked) second.resolve(signal);
    isAsked = true;
    first.resolve(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    asked: first.promise,
    askedAgain: second.promise,
    get isAsked() {
      return isAsked;
    },
    unlessAsked: (work) => {
      const stopped = first.promise.then((signal) => {
        throw new Stopped(`stopped by ${signal} while starting`);
      });
      return Promise.race([stopped, work]);
    },
    close: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
