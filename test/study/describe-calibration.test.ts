import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acceptedBy } from '../../src/study/calibration/describe-calibration.ts';

describe('what a gate accepts, in words', () => {
  it('is the low end of a norm and the high end of a confidence', () => {
    assert.equal(acceptedBy({ signal: 'sensitivity', threshold: 0.12345 }), 'sensitivity up to 0.1235');
    assert.equal(acceptedBy({ signal: 'confidence', threshold: 0.75 }), 'confidence from 0.7500');
  });
});
