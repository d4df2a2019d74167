import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conflictOf, keymapFor, keyName } from '../../../src/web/keyboard/keymap.ts';

const pressed = (key: string, change = {}) =>
  keyName({ key, ctrlKey: false, metaKey: false, altKey: false, ...change });

describe('the keys', () => {
  it('are digits for the first ten labels', () => {
    const { actionOf } = keymapFor(10, {});
    assert.equal(actionOf.get('1'), 'label:0');
    assert.equal(actionOf.get('0'), 'label:9');
    assert.equal(actionOf.get('a'), undefined);
  });

  it('go on with the letters that no command has', () => {
    const { keyOf, actionOf } = keymapFor(26, {});
    assert.equal(keyOf.get('label:10'), 'a');
    assert.equal(keyOf.get('label:13'), 'e', 'd discards');
    assert.equal(actionOf.get('s'), 'skip');
    assert.ok(Array.from({ length: 26 }, (_, i) => keyOf.has(`label:${i}`)).every(Boolean));
  });

  it('choose among what is suggested where there are more labels than letters', () => {
    const { actionOf } = keymapFor(1000, {});
    assert.equal(actionOf.get('1'), 'suggestion:0');
    assert.equal(actionOf.get('u'), 'undo');
  });

  it('can be set otherwise, and a default then gives way', () => {
    const { actionOf, keyOf } = keymapFor(3, { 'label:2': 's', skip: 'x' });
    assert.equal(actionOf.get('s'), 'label:2');
    assert.equal(keyOf.get('skip'), 'x');
    assert.equal(actionOf.get('3'), undefined);
  });

  it('conflict where another action has the key', () => {
    const keymap = keymapFor(3, {});
    assert.equal(conflictOf(keymap, 'skip', 'u'), 'undo');
    assert.equal(conflictOf(keymap, 'skip', 's'), null);
    assert.equal(conflictOf(keymap, 'skip', 'y'), null);
  });

  it('are the same with caps lock, and none with Ctrl', () => {
    assert.equal(pressed('U'), 'u');
    assert.equal(pressed('Enter'), 'Enter');
    assert.equal(pressed('r', { ctrlKey: true }), null);
    assert.equal(pressed('Tab'), null);
    assert.equal(pressed('='), '+');
  });
});
