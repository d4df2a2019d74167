import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resizeRuleOf, seenPart } from '../../../src/web/pictures/map-area.ts';

const wide = { width: 400, height: 200 };
const input = { width: 100, height: 100 };

describe('the part of an image that the model saw', () => {
  it('is all of it where it was stretched', () => {
    assert.deepEqual(seenPart(wide, input, { rule: 'stretch' }), { x: 0, y: 0, width: 400, height: 200 });
  });

  it('is the middle where the shorter side decided', () => {
    assert.deepEqual(seenPart(wide, input, { rule: 'short_side', length: 125 }), {
      x: 120,
      y: 20,
      width: 160,
      height: 160,
    });
  });

  it('reaches beyond it where it was contained', () => {
    assert.deepEqual(seenPart(wide, input, { rule: 'contain' }), { x: 0, y: -100, width: 400, height: 400 });
  });

  it('follows from the model’s description', () => {
    assert.deepEqual(resizeRuleOf({ resize: { rule: 'short_side', length: 256, kernel: 'cubic' } }), {
      rule: 'short_side',
      length: 256,
    });
    assert.deepEqual(resizeRuleOf({}), { rule: 'stretch' });
  });
});
