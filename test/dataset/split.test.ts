import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { requireDisjoint, splitByHash, splitHash } from '../../src/dataset/split.ts';

const hashOf = (n: number): string => createHash('sha256').update(String(n)).digest('hex');
const image = (n: number, where = `${n}.png`) => ({ where, hash: hashOf(n) });
const hashes = (images: readonly { hash: string }[]): string[] => images.map(({ hash }) => hash);
const numbers = fc.uniqueArray(fc.nat(10_000), { maxLength: 60 });

describe('splitByHash', () => {
  it('gives every image to one half, as many to each but for an odd one', () => {
    fc.assert(
      fc.property(numbers, fc.string(), (all, salt) => {
        const { fit, certification } = splitByHash(
          all.map((n) => image(n)),
          salt,
        );
        assert.deepEqual([...hashes(fit), ...hashes(certification)].sort(), all.map(hashOf).sort());
        assert.ok([0, 1].includes(certification.length - fit.length));
        requireDisjoint({ fit, certification });
      }),
    );
  });

  it('does not look at names or order', () => {
    const shuffled = numbers.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, fc.string(), ([all, other], salt) => {
        const a = splitByHash(
          all.map((n) => image(n)),
          salt,
        );
        const b = splitByHash(
          other.map((n, i) => image(n, `renamed-${i}`)),
          salt,
        );
        assert.deepEqual(hashes(b.fit), hashes(a.fit));
        assert.deepEqual(hashes(b.certification), hashes(a.certification));
      }),
    );
  });

  it('is disjoint even where pixels repeat', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 30 }), fc.string(), (all, salt) => {
        requireDisjoint(
          splitByHash(
            all.map((n, i) => image(n, `${i}.png`)),
            salt,
          ),
        );
      }),
    );
  });

  it('falls otherwise with another salt', () => {
    const images = Array.from({ length: 100 }, (_, n) => image(n));
    assert.notDeepEqual(hashes(splitByHash(images, 'a').fit), hashes(splitByHash(images, 'b').fit));
  });
});

describe('splitHash', () => {
  it('is SHA-256 of the sorted hashes, so of the set alone', () => {
    const expected = createHash('sha256')
      .update([hashOf(1), hashOf(2)].sort().join(''))
      .digest('hex');
    assert.equal(splitHash([image(1), image(2)]), expected);
    assert.equal(splitHash([image(2, 'renamed'), image(1)]), expected);
    assert.notEqual(splitHash([image(1)]), expected);
  });
});

describe('requireDisjoint', () => {
  it('names two images with the same pixels', () => {
    const halves = { fit: [image(1, 'a.png')], certification: [image(2), image(1, 'b.png')] };
    assert.throws(() => {
      requireDisjoint(halves);
    }, /a\.png and b\.png have the same pixels/);
  });
});
