import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLoopback } from '../../src/access/loopback.ts';
import { urlOf } from '../../src/service/listen.ts';

describe('isLoopback', () => {
  for (const host of [
    ...['localhost', 'LOCALHOST', '127.0.0.1', '127.8.9.10', '127.255.255.255'],
    ...['::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '[::ffff:7f00:1]'],
  ]) {
    it(`takes ${host}`, () => {
      assert.equal(isLoopback(host), true);
    });
  }

  for (const host of [
    ...['0.0.0.0', '::', '128.0.0.1', '10.0.0.1', '::ffff:10.0.0.1', '::127.0.0.1'],
    ...['127.0.0.1.evil.example', '127.evil.example', 'localhost.evil.example', '', '127', 'fe80::1%lo'],
  ]) {
    it(`does not take "${host}"`, () => {
      assert.equal(isLoopback(host), false);
    });
  }
});

describe('the address in the log', () => {
  it('can be opened, an IPv6 address in brackets', () => {
    assert.equal(urlOf('::1', 8080), 'http://[::1]:8080');
    assert.equal(new URL(urlOf('::1', 8080)).port, '8080');
    assert.equal(urlOf('127.0.0.1', 80), 'http://127.0.0.1:80');
    assert.equal(urlOf('localhost', 8080), 'http://localhost:8080');
  });
});
