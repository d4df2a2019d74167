import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeCursor, encodeCursor } from '../../src/store/shared/cursor.ts';

const position = { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', createdMs: 1_700_000_000_000, priority: 0.8125 };

describe('a cursor', () => {
  it('goes on from the very position in a list by sensitivity', () => {
    assert.deepEqual(decodeCursor('most_sensitive', encodeCursor('most_sensitive', position)), position);
  });

  it('tells nothing of the sensitivity in a list by age', () => {
    const cursor = encodeCursor('newest', position);
    assert.equal(cursor, encodeCursor('newest', { ...position, priority: 3 }));
    assert.deepEqual(decodeCursor('newest', cursor), { ...position, priority: 0 });
  });
});
