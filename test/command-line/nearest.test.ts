import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editDistance, nearest } from '../../src/command-line/nearest.ts';

describe('the edit distance', () => {
  it('counts letters put in, taken out, replaced and swapped', () => {
    assert.equal(editDistance('port', 'port'), 0);
    assert.equal(editDistance('prt', 'port'), 1);
    assert.equal(editDistance('ports', 'port'), 1);
    assert.equal(editDistance('pord', 'port'), 1);
    assert.equal(editDistance('prot', 'port'), 1);
    assert.equal(editDistance('', 'port'), 4);
    assert.equal(editDistance('kitten', 'sitting'), 3);
  });

  it('is the same both ways', () => {
    for (const [a, b] of [
      ['calibrate', 'evaluate'],
      ['migrate', 'imgrate'],
      ['a', ''],
    ] as const)
      assert.equal(editDistance(a, b), editDistance(b, a));
  });
});

describe('the nearest known word', () => {
  const known = ['serve', 'calibrate', 'evaluate', 'export', 'retain', 'migrate', 'backup'];

  it('is the one that was misspelt or begun', () => {
    for (const [word, meant] of [
      ['sevre', 'serve'],
      ['exprot', 'export'],
      ['calib', 'calibrate'],
      ['back-up', 'backup'],
      ['migrat', 'migrate'],
    ] as const)
      assert.equal(nearest(word, known), meant, word);
  });

  it('is none where no word is near', () => {
    for (const word of ['label', 'x', 'status', '']) assert.equal(nearest(word, known), null, word);
  });
});
