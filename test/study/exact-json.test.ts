import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeJson, encodeJson } from '../../src/study/measuring/exact-json.ts';

describe('exact JSON', () => {
  it('gives back every number bit for bit, NaN, infinities and −0 included', () => {
    const value = { a: NaN, b: [Infinity, -Infinity, -0, 0, 5e-324], c: null, d: 'Infinity' };
    assert.deepEqual(decodeJson(encodeJson(value)), value);
    fc.assert(
      fc.property(fc.double(), (number) => {
        assert.ok(Object.is(decodeJson(encodeJson(number)), number));
      }),
    );
  });

  it('gives back Float64Arrays as such', () => {
    fc.assert(
      fc.property(fc.float64Array(), (array) => {
        assert.deepEqual(decodeJson(encodeJson({ array })), { array });
      }),
    );
  });

  it('gives back Float32Arrays as such', () => {
    fc.assert(
      fc.property(fc.float32Array(), (array) => {
        assert.deepEqual(decodeJson(encodeJson({ array })), { array });
      }),
    );
  });
});
