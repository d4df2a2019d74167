import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Images } from '../../src/images/images.ts';
import { imageOf } from '../../support/store-fixture.ts';

/**
 * What every place where images lie must do.
 *
 * `create` makes an empty one, which is removed when the test ends.
 */
export function describeImages(name: string, create: (t: TestContext) => Promise<Images>): void {
  describe(`images ${name}`, () => {
    it('come back byte for byte, and with their type', async (t) => {
      const images = await create(t);
      const image = imageOf(...Array.from({ length: 256 }, (_, byte) => byte));
      assert.equal(await images.put('a', image), true);
      assert.equal(await images.put('b', { ...imageOf(), contentType: 'image/jpeg' }), true);
      const [a, b] = await Promise.all([images.get('a'), images.get('b')]);
      assert.deepEqual([...a!.bytes], [...image.bytes]);
      assert.deepEqual([a!.contentType, b!.contentType], ['image/png', 'image/jpeg']);
      assert.equal(b!.bytes.length, 0);
      assert.deepEqual([await images.size('a'), await images.size('b')], [256, 0]);
    });

    it('are none under an unknown id', async (t) => {
      const images = await create(t);
      await images.put('a', imageOf(1));
      assert.equal(await images.get('b'), null);
      assert.equal(await images.size('b'), null);
    });

    it('stay as they were first put', async (t) => {
      const images = await create(t);
      const outcomes = await Promise.all([images.put('a', imageOf(1)), images.put('a', imageOf(1))]);
      assert.deepEqual(outcomes.toSorted(), [false, true]);
      assert.equal(await images.put('a', imageOf(2)), false);
      assert.deepEqual([...(await images.get('a'))!.bytes], [1]);
    });

    it('are deleted, though some are not there', async (t) => {
      const images = await create(t);
      for (const id of ['a', 'b', 'c']) await images.put(id, imageOf(1));
      await images.delete(['a', 'nobody', 'c']);
      await images.delete(['a']);
      await images.delete([]);
      const found = await Promise.all(['a', 'b', 'c'].map((id) => images.get(id)));
      assert.deepEqual(
        found.map((image) => image !== null),
        [false, true, false],
      );
      assert.equal(await images.put('a', imageOf(3)), true);
    });
  });
}
