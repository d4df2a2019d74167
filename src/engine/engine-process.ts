import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineProcessOptions, FromEngine, ToEngine } from './messages.ts';

export interface EngineProcessEvents {
  readonly onMessage: (message: FromEngine) => void;
  /** Once, however it ended. */
  readonly onExit: (how: string) => void;
}

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
    fileURLToPath(new URL('./process.ts', import.meta.url)),
    [JSON.stringify(options)],
    {
      serialization: 'advanced',
      execArgv: [],
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
