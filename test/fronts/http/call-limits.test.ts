import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { networkOf } from '../../../src/access/client-address.ts';
import { parseApiKeys, verifierOf } from '../../../src/access/api-keys.ts';
import { TokenBuckets } from '../../../src/access/token-buckets.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf, sha256 } from './keys.ts';
import { NOON, startService } from './service.ts';

const limits = { requestsPerMinute: null, failuresPerMinute: 1000, trustedProxies: [] };

describe('token buckets', () => {
  it('hold a minute’s worth and fill evenly', () => {
    const buckets = new TokenBuckets(10);
    const taken = [0, 0, 0, 0].map(() => buckets.take('a', 3, 0).allowed);
    assert.deepEqual(taken, [true, true, true, false]);
    assert.deepEqual(buckets.take('a', 3, 19_999).allowed, false);
    assert.deepEqual(buckets.take('a', 3, 20_000), {
      allowed: true,
      remaining: 0,
      nextSeconds: 20,
      fullSeconds: 60,
    });
    assert.equal(buckets.look('a', 3, 10_000_000).remaining, 3);
  });

  it('are one for each name', () => {
    const buckets = new TokenBuckets(10);
    buckets.take('a', 1, 0);
    assert.ok(!buckets.take('a', 1, 0).allowed);
    assert.ok(buckets.take('b', 1, 0).allowed);
  });

  it('neither gain nor lose where the clock goes back', () => {
    const buckets = new TokenBuckets(10);
    buckets.take('a', 2, 60_000);
    assert.equal(buckets.look('a', 2, 0).remaining, 1);
  });

  it('keep to a smaller quota at once', () => {
    const buckets = new TokenBuckets(10);
    buckets.take('a', 100, 0);
    assert.equal(buckets.take('a', 2, 0).remaining, 1);
  });

  it('forget the name unused for longest, and no more names than said', () => {
    const buckets = new TokenBuckets(2);
    for (const name of ['a', 'b', 'a', 'c']) buckets.take(name, 5, 0);
    assert.equal(buckets.size, 2);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => buckets.look(name, 5, 0).remaining),
      [3, 5, 4],
    );
  });
});

describe('requests of one caller', () => {
  it('are counted on every answer, and refused with the time to wait past the quota', async (t) => {
    const service = await startService(t, {
      access: keysOf(['predict'], ['review']),
      callLimits: { ...limits, requestsPerMinute: 2 },
    });
    const first = await service.get('/v1/model', 'key-of-predict');
    assert.equal(first.headers.get('ratelimit-policy'), '"requests";q=2;w=60');
    assert.equal(first.headers.get('ratelimit'), '"requests";r=1;t=30');
    assert.equal(first.headers.get('retry-after'), null);
    // One that is refused for its scope counts, too.
    const second = await service.get('/v1/reviews', 'key-of-predict');
    assert.equal(second.status, 403);
    assert.equal(second.headers.get('ratelimit'), '"requests";r=0;t=60');

    const third = await service.get('/v1/model', 'key-of-predict');
    assert.equal(third.headers.get('retry-after'), '30');
    assert.equal(third.headers.get('ratelimit'), '"requests";r=0;t=30');
    const { detail } = await expectProblem(third, 'rate_limited', 429);
    assert.match(detail, /"predict" may send 2 requests a minute/);

    assert.equal((await service.get('/v1/model', 'key-of-review')).status, 200, 'another caller');
    service.clock.ms += 30_000;
    assert.equal((await service.get('/v1/model', 'key-of-predict')).status, 200, 'after the wait');
  });

  it('may be as many as the key says', async (t) => {
    const keys = [
      { id: 'camera', sha256: sha256('secret'), scopes: ['predict'], rate_per_minute: 1 },
      { id: 'other', sha256: sha256('another'), scopes: ['predict'] },
    ];
    const access = verifierOf(parseApiKeys(JSON.stringify(keys), 'keys'), () => NOON);
    const service = await startService(t, { access, callLimits: limits });
    assert.equal((await service.get('/v1/model', 'secret')).status, 200);
    await expectProblem(await service.get('/v1/model', 'secret'), 'rate_limited', 429);
    const other = await service.get('/v1/model', 'another');
    assert.deepEqual([other.status, other.headers.get('ratelimit')], [200, null]);
  });

  it('do not count what is public: probes and metrics are always answered', async (t) => {
    const service = await startService(t, {
      access: keysOf(['predict']),
      callLimits: { ...limits, requestsPerMinute: 1 },
    });
    for (let i = 0; i < 5; i++) {
      for (const path of ['/healthz', '/readyz', '/metrics', '/']) {
        const response = await service.get(path, 'key-of-predict');
        assert.deepEqual([response.status, response.headers.get('ratelimit')], [200, null], path);
        await response.arrayBuffer();
      }
    }
  });

  it('are not limited without keys, where nobody says so', async (t) => {
    const service = await startService(t);
    const response = await service.get('/v1/model');
    assert.equal(response.headers.get('ratelimit-policy'), null);
  });
});

describe('wrong credentials from one address', () => {
  it('are no longer looked at past a number of different ones, right ones neither', async (t) => {
    const service = await startService(t, {
      access: keysOf(['predict']),
      callLimits: { ...limits, failuresPerMinute: 3 },
    });
    for (const guess of ['a', 'b', 'c'])
      await expectProblem(await service.get('/v1/model', guess), 'unauthorized', 401);
    const refused = await service.get('/v1/model', 'd');
    assert.equal(refused.headers.get('retry-after'), '20');
    await expectProblem(refused, 'too_many_failures', 429);
    await expectProblem(await service.get('/v1/model', 'key-of-predict'), 'too_many_failures', 429);
    assert.equal((await service.get('/healthz')).status, 200);
    service.clock.ms += 20_000;
    assert.equal((await service.get('/v1/model', 'key-of-predict')).status, 200);
  });

  it('count once each: a client with a withdrawn key locks out nobody', async (t) => {
    const service = await startService(t, {
      access: keysOf(['predict']),
      callLimits: { ...limits, failuresPerMinute: 2 },
    });
    for (let i = 0; i < 10; i++)
      await expectProblem(await service.get('/v1/model', 'withdrawn'), 'unauthorized', 401);
    assert.equal((await service.get('/v1/model', 'key-of-predict')).status, 200);
    await service.get('/v1/model', 'another');
    await expectProblem(await service.get('/v1/model', 'withdrawn'), 'unauthorized', 401);
  });

  it('count neither what is missing nor what was good once', async (t) => {
    const ended = {
      id: 'ended',
      sha256: sha256('ended'),
      scopes: ['predict'],
      expires: '2025-01-01T00:00:00Z',
    };
    const access = verifierOf(parseApiKeys(JSON.stringify([ended]), 'keys'), () => NOON);
    const service = await startService(t, { access, callLimits: { ...limits, failuresPerMinute: 1 } });
    for (let i = 0; i < 3; i++) {
      await expectProblem(await service.get('/v1/model'), 'unauthorized', 401);
      await expectProblem(await service.get('/v1/model', 'ended'), 'expired_credential', 401);
    }
  });

  it('are of the address that a trusted proxy names, and of the proxy where none is trusted', async (t) => {
    const statusesBy = async (trustedProxies: readonly string[]): Promise<number[]> => {
      const service = await startService(t, {
        access: keysOf(['predict']),
        callLimits: { ...limits, failuresPerMinute: 1, trustedProxies },
      });
      const statuses: number[] = [];
      for (const [address, key] of [
        ['203.0.113.1', 'guess'],
        ['203.0.113.2', 'key-of-predict'],
        ['203.0.113.1', 'key-of-predict'],
      ]) {
        const headers = { authorization: `Bearer ${key}`, 'x-forwarded-for': address! };
        statuses.push((await fetch(`${service.url}/v1/model`, { headers })).status);
      }
      return statuses;
    };
    assert.deepEqual(await statusesBy(['loopback']), [401, 200, 429]);
    assert.deepEqual(await statusesBy([]), [401, 429, 429]);
  });

  it('are of a network of 64 bits where the address is of IPv6', () => {
    const cases = [
      ['203.0.113.9', '203.0.113.9'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
      ['2001:0db8:1:2::1', '2001:db8:1:2'],
      ['2001:db8::1', '2001:db8:0:0'],
      ['fe80::1%eth0', 'fe80:0:0:0'],
      ['::1', '0:0:0:0'],
      ['', ''],
    ];
    for (const [address, network] of cases) assert.equal(networkOf(address!), network);
  });
});
