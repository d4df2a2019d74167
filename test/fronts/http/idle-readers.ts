import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Asking {
  /** Requests that are sent without waiting for answers; one by default. */
  readonly times?: number;
  /** The address that a proxy names. */
  readonly from?: string;
}

/** Asks, and reads nothing. */
export function ask(t: TestContext, port: number, path: string, { times = 1, from }: Asking = {}): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  const forwarded = from === undefined ? '' : `X-Forwarded-For: ${from}\r\n`;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${forwarded}\r\n`.repeat(times));
  t.after(() => socket.destroy());
  return socket;
}

/** Longest that anything is waited for; on any machine it comes far sooner, or never. */
const NEVER_MS = 60_000;

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + NEVER_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < late, `this does not come: ${condition.toString()}`);
    await sleep(10);
  }
}
