/**
 * Preloaded into a service (`node --import`), it shifts the wall clock by the milliseconds that stand in the
 * file CLOCK_SHIFT_FILE, which may change at any time. Timers and deadlines run on the monotonic clock and
 * are left alone, as by a real jump.
 */
import { readFileSync } from 'node:fs';

const file = process.env.CLOCK_SHIFT_FILE ?? '';
const read = (): number => Number(readFileSync(file, 'utf8'));

let shiftMs = read();
setInterval(() => {
  shiftMs = read();
}, 20).unref();

const RealDate = Date;
const now = (): number => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: [] | [number], newTarget) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as object,
  apply: () => new RealDate(now()).toString(),
  get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
});
