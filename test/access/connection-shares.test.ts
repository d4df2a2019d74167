import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ConnectionPlace,
  type ConnectionShares,
  createConnectionShares,
} from '../../src/access/connection-shares.ts';

const PROXY = '192.0.2.1';

const shares = (): ConnectionShares =>
  createConnectionShares({ most: 5, mostOfAddress: 2, speaksForMany: (address) => address === PROXY });

/** Takes a place for each; `in` where there was one. */
function enterAll(at: ConnectionShares, ...addresses: readonly string[]): string[] {
  return addresses.map((address) => {
    const found = at.enter(address);
    return typeof found === 'string' ? found : 'in';
  });
}

describe('shares of connections', () => {
  it('are of one address each, and leave room for others', () => {
    const at = shares();
    assert.deepEqual(enterAll(at, '198.51.100.7', '198.51.100.7', '198.51.100.7', '198.51.100.8'), [
      'in',
      'in',
      'address',
      'in',
    ]);
    assert.equal(at.taken, 3);
  });

  for (const [what, first, second, third] of [
    ['an IPv6 network of 64 bits', '2001:db8::1', '2001:db8:0:0:ffff::2', '2001:DB8::3%eth0'],
    ['an IPv4 address, mapped or not', '198.51.100.7', '::ffff:198.51.100.7', '::FFFF:c633:6407'],
  ] as const) {
    it(`take ${what} as one address`, () => {
      assert.deepEqual(enterAll(shares(), first, second, third), ['in', 'in', 'address']);
    });
  }

  it('take two IPv6 networks as two addresses', () => {
    const two = ['2001:db8:0:1::1', '2001:db8:0:1::2', '2001:db8:0:2::1', '2001:db8:0:2::2'];
    assert.deepEqual(enterAll(shares(), ...two), ['in', 'in', 'in', 'in']);
  });

  it('are all for a proxy, which speaks for many, and no more than all', () => {
    const many = Array.from({ length: 6 }, () => PROXY);
    assert.deepEqual(enterAll(shares(), ...many), ['in', 'in', 'in', 'in', 'in', 'all']);
  });

  it('are given back once, however often that is said', () => {
    const at = shares();
    const [first] = [at.enter('::1'), at.enter('::1')] as [ConnectionPlace, ConnectionPlace];
    first.leave();
    first.leave();
    assert.equal(at.taken, 1);
    assert.deepEqual(enterAll(at, '::1', '::1'), ['in', 'address']);
  });
});
