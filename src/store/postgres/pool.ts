import { isOfConnection, isOfStatements } from './database-error.ts';
import type { Session } from './session.ts';

/** How much of a pool is in use. */
export interface PoolLoad {
  readonly connections: { readonly most: number; readonly open: number; readonly idle: number };
  readonly waiting: number;
}

/** Lends sessions of one database. */
export interface Pool {
  /**
   * Lends a session to `work`, which is alive and whose server takes writes as far as was seen within the
   * last second.
   */
  use<T>(work: (session: Session) => Promise<T>): Promise<T>;
  load(): PoolLoad;
  /** Ends all sessions. To be called when none is lent any more. */
  close(): Promise<void>;
}

export interface PoolOptions {
  readonly open: () => Promise<Session>;
  /** Sessions at most. */
  readonly size: number;
  /** How long a caller waits for one that others have. */
  readonly waitMs: number;
  /** One that nobody needs for so long is ended. */
  readonly idleMs: number;
}

interface Idle {
  readonly session: Session;
  readonly timer: NodeJS.Timeout;
}

interface Waiting {
  readonly go: () => void;
}

/** No session became free in time. */
class PoolTimeout extends Error {
  override readonly name = 'PoolTimeout';
  readonly code = 'ETIMEDOUT';
}

/**
 * A pool that does not stay with a server which was demoted.
 *
 * A session goes where its error says that the connection or the server is no longer what it was: lost, shut
 * down, in recovery, read-only. All that lie idle are then in doubt, and each is asked before it is lent
 * again. Where the server no longer has the statements that were prepared, all that lie idle are dropped.
 * After any other error the session itself is asked. So of a switchover each connection that was in use tells
 * once, and no other caller hears of it.
 */
export function createPool({ open, size, waitMs, idleMs }: PoolOptions): Pool {
  const idle: Idle[] = [];
  const waiting: Waiting[] = [];
  let count = 0;
  let closed = false;

  const discard = (session: Session): void => {
    void session.end();
  };

  /** Takes a place among the `size`; others may have to give theirs back first. */
  const takePlace = async (): Promise<void> => {
    if (count < size) {
      count++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(one), 1);
        reject(new PoolTimeout(`no connection became free within ${waitMs} ms: all ${size} are in use`));
      }, waitMs);
      const one: Waiting = {
        go: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      waiting.push(one);
    });
  };

  /** Whoever has waited longest gets the place. */
  const givePlace = (): void => {
    const next = waiting.shift();
    if (next === undefined) count--;
    else next.go();
  };

  const keep = (session: Session): void => {
    if (closed) {
      discard(session);
      return;
    }
    const entry: Idle = {
      session,
      timer: setTimeout(() => {
        idle.splice(idle.indexOf(entry), 1);
        discard(session);
      }, idleMs),
    };
    idle.push(entry);
  };

  const dropIdle = (): void => {
    for (const { session, timer } of idle.splice(0)) {
      clearTimeout(timer);
      discard(session);
    }
  };

  /** The session that was used last, of those that are still good; else a new one. */
  const obtain = async (): Promise<Session> => {
    for (let entry = idle.pop(); entry !== undefined; entry = idle.pop()) {
      clearTimeout(entry.timer);
      if (await entry.session.isUsable()) return entry.session;
      discard(entry.session);
    }
    return open();
  };

  return {
    use: async (work) => {
      await takePlace();
      try {
        const session = await obtain();
        try {
          const result = await work(session);
          keep(session);
          return result;
        } catch (error) {
          if (isOfConnection(error)) {
            discard(session);
            if (isOfStatements(error)) dropIdle();
            for (const other of idle) other.session.doubt();
          } else {
            session.doubt();
            keep(session);
          }
          throw error;
        }
      } finally {
        givePlace();
      }
    },
    load: () => ({
      connections: { most: size, open: count + idle.length, idle: idle.length },
      waiting: waiting.length,
    }),
    close: async () => {
      closed = true;
      await Promise.all(
        idle.splice(0).map(({ session, timer }) => {
          clearTimeout(timer);
          return session.end();
        }),
      );
    },
  };
}
