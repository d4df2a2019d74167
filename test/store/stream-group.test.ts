import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { streamGroups } from '../../src/store/stream-group.ts';

describe('the group of a stream', () => {
  it('is its own name where that is configured, and else that of all others', () => {
    const groupOf = streamGroups(['camera-1', 'camera-2']);
    assert.deepEqual(['camera-1', 'camera-2', 'camera-3', 'Camera-1', '', null].map(groupOf), [
      ...['camera-1', 'camera-2'],
      ...['other', 'other', 'other', 'other'],
    ]);
  });

  it('is one for all where none is configured', () => {
    assert.deepEqual(['camera-1', null].map(streamGroups([])), ['other', 'other']);
  });
});
