import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { delimiterCounter } from '../../../src/fronts/http/body/delimiters.ts';

const counted = (type: string, chunks: readonly string[]): number => {
  const counter = delimiterCounter(type);
  for (const chunk of chunks) counter.add(Buffer.from(chunk));
  return counter.count();
};

const BODY = '--a b\r\nfirst\r\n--a b\r\nsecond\r\n--a b--\r\n';
const TYPE = 'multipart/form-data; boundary="a b"';

describe('a count of delimiters', () => {
  it('is one for each part and one for the end', () => {
    assert.equal(counted(TYPE, [BODY]), 3);
  });

  it('is the same wherever the body is cut', () => {
    for (let at = 0; at <= BODY.length; at++)
      assert.equal(counted(TYPE, [BODY.slice(0, at), BODY.slice(at)]), 3, `cut at ${at}`);
    assert.equal(counted(TYPE, Array.from(BODY)), 3);
  });

  it('is of lines that begin with it only', () => {
    assert.equal(counted(TYPE, ['--a b\r\nx --a b\r\n--a b--']), 2);
  });

  it('is 0 where there is no boundary', () => {
    assert.equal(counted('multipart/form-data', [BODY]), 0);
  });
});
