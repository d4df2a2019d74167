import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineProcessOptions, FromEngine, ToEngine } from './messages.ts';

export interface EngineProcessEvents {
  readonly onMessage: (message: FromEngine) => void;
  /** Once, however it ended. */
  readonly onExit: (how: string) => void;
}

/**
 * Of V8's young generation, which holds it three times. It grows whenever the collector is late, as beside a
 * busy service, and never shrinks: by default a process came to hold 50 MB more within half an hour. What
 * passes through it is short-lived, so that a larger one gains nothing.
 */
const YOUNG_MB = 4;

/** One running engine process. */
export interface EngineProcess {
  readonly pid: number | undefined;
  send(message: ToEngine): void;
  /** Ends it at once; `onExit` follows. Safe at any moment: the process holds nothing that outlives it. */
  kill(): void;
}

/** Starts an engine process. It is ready when it says so. */
export function startEngineProcess(
  options: EngineProcessOptions,
  events: EngineProcessEvents,
): EngineProcess {
  const child: ChildProcess = fork(
    fileURLToPath(new URL('./engine-program.ts', import.meta.url)),
    [JSON.stringify(options)],
    {
      serialization: 'advanced',
      execArgv: [`--max-semi-space-size=${YOUNG_MB}`],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  let ended = false;
  const end = (how: string): void => {
    if (ended) return;
    ended = true;
    events.onExit(how);
  };
  child.on('message', (message) => {
    if (!ended) events.onMessage(message as FromEngine);
  });
  child.on('exit', (code, signal) => {
    end(signal ? `killed by ${signal}` : `exited with ${code}`);
  });
  child.on('error', (error) => {
    child.kill('SIGKILL');
    end(error.message);
  });
  return {
    pid: child.pid,
    send: (message) => {
      // A failed send means that the process is gone; its exit event tells the rest.
      if (child.connected) child.send(message, () => undefined);
    },
    kill: () => {
      child.kill('SIGKILL');
    },
  };
}
