/**
 * The process that floods: `node faults/flooder.ts <Flood as JSON>`. It opens connections as fast as it is
 * told, from addresses of 127/8, and at its end prints what became of them as JSON. What it sends to be
 * predicted it writes down before, as the client does (client-log.ts).
 *
 * It has the lowest priority: on one machine with the service it stands for others.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { uniqueImages } from './images.ts';

export interface Flood {
  readonly port: number;
  /**
   * On each connection: `ask` sends an image and waits for the answer, `leave` sends one and hangs up,
   * `touch` hangs up, `silent` sends nothing and waits to be closed.
   */
  readonly kind: 'ask' | 'leave' | 'touch' | 'silent';
  readonly addresses: readonly string[];
  readonly key: string;
  /** New connections a second. */
  readonly rate: number;
  readonly mostOpen: number;
  readonly milliseconds: number;
  /** Where the images are written down, and the number of the first. */
  readonly log: string;
  readonly first: number;
}

export interface Flooded {
  readonly opened: number;
  /** By status. */
  readonly answered: Readonly<Record<string, number>>;
  /** Closed by the service without an answer. */
  readonly refused: number;
  /** From connecting to the answer. */
  readonly answeredInMs: readonly number[];
}

async function flood(plan: Flood): Promise<Flooded> {
  const { port, kind, addresses, key, rate, mostOpen, milliseconds, log, first } = plan;
  const images = await uniqueImages();
  const written = openSync(log, 'a');
  const answered: Record<string, number> = {};
  const answeredInMs: number[] = [];
  let opened = 0;
  let open = 0;
  let refused = 0;

  const requestOf = (n: number): Buffer => {
    const { bytes, pixelsHash: pixels, bytesHash } = images(n);
    writeSync(
      written,
      JSON.stringify({ at: Date.now(), n, act: 'predict', pixels, bytes: bytesHash }) + '\n',
    );
    const head =
      `POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${key}\r\n` +
      `Content-Type: image/png\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), bytes]);
  };

  const openOne = (): void => {
    const began = performance.now();
    const n = first + opened;
    const localAddress = addresses[opened % addresses.length]!;
    opened++;
    open++;
    let status = '';
    let left = false;
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('connect', () => {
      left = kind === 'leave' || kind === 'touch';
      if (kind === 'ask') socket.write(requestOf(n));
      if (kind === 'leave') socket.write(requestOf(n), () => socket.destroy());
      if (kind === 'touch') socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      if (status === '') status = chunk.toString('latin1').slice(9, 12);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open--;
      if (status !== '') {
        answered[status] = (answered[status] ?? 0) + 1;
        answeredInMs.push(performance.now() - began);
      } else if (!left) refused++;
    });
  };

  const began = performance.now();
  const passed = (): number => performance.now() - began;
  let due = 0;
  while (passed() < milliseconds) {
    for (; due < (passed() * rate) / 1000; due++) if (open < mostOpen) openOne();
    await sleep(5);
  }
  closeSync(written);
  return { opened, answered, refused, answeredInMs };
}

setPriority(constants.priority.PRIORITY_LOW);
console.log(JSON.stringify(await flood(JSON.parse(process.argv[2] ?? '') as Flood)));
process.exit();
