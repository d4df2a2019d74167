import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matching, suggested, used } from '../../../src/web/reviewing/label-order.ts';

describe('labels', () => {
  it('are suggested predicted first, then recent, then as the model has them', () => {
    assert.deepEqual(suggested(['a', 'b', 'c', 'd'], ['c'], ['d', 'c']), ['c', 'd', 'a', 'b']);
  });

  it('are found by their beginning first, then by that of a word, then anywhere', () => {
    const labels = ['polecat', 'tiger cat', 'cat', 'catamaran', 'dog'];
    assert.deepEqual(matching(labels, 'Cat'), ['cat', 'catamaran', 'tiger cat', 'polecat']);
  });

  it('are found without accents', () => {
    assert.deepEqual(matching(['Café', 'Bar'], 'cafe'), ['Café']);
  });

  it('are all there while nothing is typed', () => {
    assert.deepEqual(matching(['b', 'a'], ' '), ['b', 'a']);
  });

  it('are recent ten at most, the latest first, each once', () => {
    assert.deepEqual(used(['a', 'b'], 'b'), ['b', 'a']);
    assert.equal(
      used(
        Array.from({ length: 10 }, (_, i) => `${i}`),
        'x',
      ).length,
      10,
    );
  });
});
