import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atItsPace } from '../../src/study/measuring/at-its-pace.ts';

/** Does 500 pieces of work, of which `msOf` says how long each takes where `open` are under way. */
async function most(msOf: (open: number) => number): Promise<number> {
  let [time, open, most] = [0, 0, 0];
  const pace = { least: 4, most: 128, aimMs: 2000, now: () => time };
  const items = Array.from({ length: 500 }, (_, i) => i);
  await atItsPace(items, pace, async () => {
    most = Math.max(most, ++open);
    const began = time;
    await new Promise((resolve) => setImmediate(resolve));
    time = Math.max(time, began + msOf(open));
    open--;
  });
  return most;
}

describe('atItsPace', () => {
  it('has as many under way as it may where each takes no time', async () => {
    assert.equal(await most(() => 0), 128);
  });

  it('has as few under way as it may where even one takes too long', async () => {
    assert.equal(await most(() => 60_000), 4);
  });

  it('has as many under way as end in time together', async () => {
    // Each takes 100 ms of one engine, so that twenty end within the two seconds.
    const open = await most((open) => 100 * open);
    assert.ok(open >= 15 && open <= 30, `${open} open`);
  });

  it('throws the first failure when all that was begun has ended, and begins no more', async () => {
    let [begun, ended] = [0, 0];
    const work = async (item: number): Promise<void> => {
      begun++;
      await new Promise((resolve) => setImmediate(resolve));
      ended++;
      if (item === 2) throw new RangeError('two');
    };
    const pace = { least: 4, most: 4, aimMs: 1, now: () => 0 };
    await assert.rejects(
      atItsPace(
        Array.from({ length: 100 }, (_, i) => i),
        pace,
        work,
      ),
      /two/,
    );
    assert.ok(begun < 10, `${begun} begun`);
    assert.equal(ended, begun);
  });

  it('ends at once where there is nothing to do', async () => {
    await atItsPace([], { least: 1, most: 1, aimMs: 1, now: () => 0 }, () => Promise.reject(new Error('no')));
  });
});
