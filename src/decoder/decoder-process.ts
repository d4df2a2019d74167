import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { DecoderAnswer, DecoderOptions, FromDecoder, ToDecoder } from './messages.ts';

/** Of V8's young generation, which holds it three times: what passes through a decoder is short-lived. */
const YOUNG_MB = 4;

/**
 * Below all else: a core goes to the service and the engine, which answer those whose images are small, as
 * long as they can use it.
 */
const NICENESS = 19;

/** How an image ended. Where the process has `ended`, it is gone, and so is what it held. */
export type DecoderEnding =
  | Exclude<DecoderAnswer, { readonly type: 'costly' }>
  | { readonly type: 'ended'; readonly how: string; readonly ready: boolean; readonly takenBytes?: number };

/** One running decoder process. */
export interface DecoderProcess {
  readonly pid: number | undefined;
  /**
   * Decodes one image, while no other is decoded here.
   *
   * @param allowedBytes More than so much memory, and the process is killed.
   * @throws The signal's reason where it aborts: the process is killed, and has ended by then
   */
  decode(bytes: Uint8Array, allowedBytes: number, signal: AbortSignal): Promise<DecoderEnding>;
  /** Ends it at once. Safe at any moment: it holds nothing that outlives it. */
  kill(): void;
}

/** Starts a decoder process. `onExit` is called once, however it ended. */
export function startDecoderProcess(options: DecoderOptions, onExit: () => void): DecoderProcess {
  const child = fork(fileURLToPath(new URL('./decoder-program.ts', import.meta.url)), [], {
    serialization: 'advanced',
    execArgv: [`--max-semi-space-size=${YOUNG_MB}`],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // From its first moment: starting takes a quarter of a second of a core, and is done after each kill.
  if (child.pid !== undefined) setPriority(child.pid, NICENESS);
  let ready = false;
  let takenBytes: number | null = null;
  let ended: string | null = null;
  let waiting: ((ending: DecoderEnding) => void) | null = null;

  const settle = (ending: DecoderEnding): void => {
    waiting?.(ending);
    waiting = null;
  };
  const ending = (how: string): DecoderEnding =>
    takenBytes === null ? { type: 'ended', how, ready } : { type: 'ended', how, ready, takenBytes };
  const end = (how: string): void => {
    if (ended !== null) return;
    ended = how;
    onExit();
    settle(ending(how));
  };
  const send = (message: ToDecoder): void => {
    // A failed send means that the process is gone; its exit event tells the rest.
    if (child.connected) child.send(message, () => undefined);
  };

  child.on('message', (message) => {
    const said = message as FromDecoder;
    if (said.type === 'ready') ready = true;
    else if (said.type === 'costly') {
      takenBytes = said.takenBytes;
      child.kill('SIGKILL');
    } else settle(said);
  });
  child.on('exit', (code, signal) => {
    end(signal ? `killed by ${signal}` : `exited with ${code}`);
  });
  child.on('error', (error) => {
    child.kill('SIGKILL');
    end(error.message);
  });
  send({ type: 'begin', ...options });

  return {
    pid: child.pid,
    kill: () => {
      child.kill('SIGKILL');
    },
    decode: async (bytes, allowedBytes, signal) => {
      signal.throwIfAborted();
      if (ended !== null) return ending(ended);
      const kill = (): void => {
        child.kill('SIGKILL');
      };
      signal.addEventListener('abort', kill, { once: true });
      try {
        const answered = await new Promise<DecoderEnding>((resolve) => {
          waiting = resolve;
          send({ type: 'image', bytes, allowedBytes });
        });
        if (answered.type === 'ended') signal.throwIfAborted();
        return answered;
      } finally {
        signal.removeEventListener('abort', kill);
      }
    },
  };
}
