import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { createDecodeTurns, type DecodeTurns } from '../../src/prediction/decode-turns.ts';

/** Takes turns for `callers` in their order, and tells who has begun. */
function taking(turns: DecodeTurns, callers: readonly string[], cheap = false, bytes = 1, pixels = 1e8) {
  const begun: string[] = [];
  const given = new AbortController();
  const taken = callers.map(async (caller) => {
    const done = await turns.take(caller, { cheap, bytes, pixels }, given.signal);
    begun.push(caller);
    return done;
  });
  const settled = Promise.allSettled(taken);
  return { begun, taken, given, settled };
}

describe('decoding', () => {
  it('takes two cheap images at a time and leaves threads to the service, and one dear image where nothing is said', async () => {
    const turns = createDecodeTurns();
    const dear = taking(turns, ['a', 'b', 'c']);
    const cheap = taking(turns, ['a', 'b', 'c'], true);
    await turnOfTheLoop();
    assert.deepEqual([dear.begun, cheap.begun], [['a'], ['a', 'b']]);
  });

  it('gives each caller a turn, however many images another has sent before', async () => {
    const turns = createDecodeTurns();
    const order = ['hostile', 'hostile', 'hostile', 'hostile', 'other', 'third', 'other'];
    const { begun, taken, settled } = taking(turns, order);
    for (const one of taken) {
      void one.then((done) => {
        done();
        // Once is enough: a second call frees no place.
        done();
      });
    }
    await settled;
    assert.deepEqual(begun, ['hostile', 'hostile', 'other', 'third', 'hostile', 'other', 'hostile']);
  });

  it('begins nothing of a request that has failed', async () => {
    const turns = createDecodeTurns();
    const first = taking(turns, ['a']);
    const failed = taking(turns, ['a', 'b']);
    const last = taking(turns, ['c']);
    failed.given.abort(new Error('too late'));
    assert.deepEqual(
      (await failed.settled).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    (await first.taken[0]!)();
    await last.taken[0]!;
    assert.deepEqual([failed.begun, last.begun], [[], ['c']]);
  });

  it('refuses a caller whose large images already wait by the score, and nobody else', async () => {
    const turns = createDecodeTurns();
    const many = taking(turns, Array<string>(66).fill('hostile'));
    await assert.rejects(many.taken[65]!, { code: 'engine_busy' });
    const other = taking(turns, ['other']);
    (await many.taken[0]!)();
    (await many.taken[1]!)();
    await other.taken[0]!;
    many.given.abort(new Error('the test ends'));
    await many.settled;
  });

  it('lets a caller have as many photographs waiting as are decoded in seconds', async () => {
    const turns = createDecodeTurns();
    const many = taking(turns, Array<string>(401).fill('busy'), false, 1, 250_000);
    for (const one of many.taken) {
      void one.then((done) => {
        done();
      });
    }
    assert.deepEqual(new Set((await many.settled).map(({ status }) => status)), new Set(['fulfilled']));
  });

  it('gives a caller half of the places for dear images, and the rest to others', async () => {
    const turns = createDecodeTurns({ places: 4, memoryBytes: Infinity });
    const hostile = taking(turns, Array<string>(6).fill('hostile'));
    await turnOfTheLoop();
    assert.equal(hostile.begun.length, 2);
    const others = taking(turns, ['a', 'b', 'c']);
    await turnOfTheLoop();
    assert.deepEqual(others.begun, ['a', 'b']);
    (await hostile.taken[0]!)();
    await turnOfTheLoop();
    // Its next image has waited for longer than that of `c`.
    assert.deepEqual([hostile.begun.length, others.begun], [3, ['a', 'b']]);
  });

  it('begins no dear image that does not go into the memory beside the others', async () => {
    const turns = createDecodeTurns({ places: 4, memoryBytes: 100 });
    const large = taking(turns, ['a'], false, 70);
    const larger = taking(turns, ['b'], false, 1000);
    const little = taking(turns, ['c'], false, 30);
    await turnOfTheLoop();
    assert.deepEqual([large.begun, larger.begun, little.begun], [['a'], [], []]);
    // Whose request is over holds up nobody.
    larger.given.abort(new Error('too late'));
    await larger.settled;
    assert.deepEqual(little.begun, ['c']);
    const last = taking(turns, ['d'], false, 50);
    (await large.taken[0]!)();
    await last.taken[0]!;
  });
});
