import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { anyOf } from '../../../src/access/authenticate.ts';
import { plainAddress } from '../../../src/access/client-address.ts';
import { createJwtVerifier } from '../../../src/access/jwt.ts';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from './issuer.ts';
import { keysOf } from './keys.ts';
import { NOON, type Service, startService } from './service.ts';

const LIMIT = 30;
const callLimits = { requestsPerMinute: null, failuresPerMinute: LIMIT, trustedProxies: [] };

/** Keys and JWTs, as a service has that takes both: looking at a token then takes awaiting. */
async function withBoth(t: TestContext): Promise<{ service: Service; issuer: Issuer; looks: () => number }> {
  const issuer = await startIssuer(t);
  const jwts = createJwtVerifier({
    jwksUrl: issuer.jwksUrl,
    issuer: ISSUER,
    audience: AUDIENCE,
    now: () => NOON,
  });
  const both = anyOf(keysOf(['predict']), jwts)!;
  let looks = 0;
  const access = (token: string) => {
    looks++;
    return both(token);
  };
  return { service: await startService(t, { access, callLimits }), issuer, looks: () => looks };
}

/** Statuses of requests with these tokens, all written at once into one connection. */
async function pipeline(port: number, tokens: readonly string[]): Promise<Map<number, number>> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    tokens
      .map((token, i) => {
        const last = i === tokens.length - 1 ? 'Connection: close\r\n' : '';
        return `GET /v1/model HTTP/1.1\r\nHost: a\r\n${last}Authorization: Bearer ${token}\r\n\r\n`;
      })
      .join(''),
  );
  return countOf([...(await text(socket)).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)));
}

function countOf(statuses: readonly number[]): Map<number, number> {
  return new Map(
    [...Map.groupBy(statuses, (status) => status)].map(([status, { length }]) => [status, length]),
  );
}

const statusOf = async (service: Service, token: string): Promise<number> => {
  const response = await service.get('/v1/model', token);
  await response.arrayBuffer();
  return response.status;
};

describe('credentials that come at once from one address', () => {
  it('are looked at no more often than they may be wrong', async (t) => {
    const { service, looks } = await withBoth(t);
    const wrong = Array.from({ length: 600 }, (_, i) => `wrong-${i}`);
    assert.deepEqual(
      await pipeline(service.port, wrong),
      new Map([
        [401, LIMIT],
        [429, 600 - LIMIT],
      ]),
    );
    assert.equal(looks(), LIMIT);
    assert.deepEqual(
      await pipeline(
        service.port,
        wrong.map((token) => `${token}-more`),
      ),
      new Map([[429, 600]]),
    );
    assert.equal(looks(), LIMIT);
  });

  it('that are forged JWTs are no different', async (t) => {
    const { service, issuer, looks } = await withBoth(t);
    const forged = await Promise.all(Array.from({ length: 100 }, (_, i) => issuer.forge({ jti: String(i) })));
    const statuses = await Promise.all(forged.map((token) => statusOf(service, token)));
    assert.deepEqual(
      countOf(statuses),
      new Map([
        [401, LIMIT],
        [429, 100 - LIMIT],
      ]),
    );
    assert.equal(looks(), LIMIT);
  });

  it('that are good are all let in, how many they are', async (t) => {
    const { service, issuer } = await withBoth(t);
    const good = await Promise.all(
      Array.from({ length: 4 * LIMIT }, (_, i) => issuer.sign({ jti: String(i), scope: 'predict' })),
    );
    const statuses = await Promise.all(good.map((token) => statusOf(service, token)));
    assert.deepEqual(countOf(statuses), new Map([[200, 4 * LIMIT]]));
  });

  it('that are one and the same count once', async (t) => {
    const { service } = await withBoth(t);
    const statuses = await Promise.all(
      Array.from({ length: 3 * LIMIT }, () => statusOf(service, 'withdrawn')),
    );
    assert.deepEqual(countOf(statuses), new Map([[401, 3 * LIMIT]]));
    assert.equal(await statusOf(service, 'key-of-predict'), 200);
  });

  it('let in whoever was let in before, though others guess', async (t) => {
    const { service } = await withBoth(t);
    assert.equal(await statusOf(service, 'key-of-predict'), 200);
    await pipeline(
      service.port,
      Array.from({ length: 2 * LIMIT }, (_, i) => `wrong-${i}`),
    );
    assert.equal(await statusOf(service, 'key-of-predict'), 200);
    assert.equal(await statusOf(service, 'another'), 429);
  });

  it('count while the issuer’s keys are away, which are asked for once and not by each', async (t) => {
    const { service, issuer, looks } = await withBoth(t);
    issuer.answerWith(500, 'no');
    const forged = await Promise.all(Array.from({ length: 100 }, (_, i) => issuer.forge({ jti: String(i) })));
    const statuses: number[] = [];
    for (const token of forged) statuses.push(await statusOf(service, token));
    assert.deepEqual(
      countOf(statuses),
      new Map([
        [503, LIMIT],
        [429, 100 - LIMIT],
      ]),
    );
    assert.equal(looks(), LIMIT);
    assert.equal(issuer.fetched(), 1);
  });
});

describe('an address that a proxy names', () => {
  const forms: readonly (readonly [string, readonly string[]])[] = [
    ['with a port', ['203.0.113.7:1001', '203.0.113.7:1002', '203.0.113.7']],
    [
      'mapped into IPv6',
      ['::ffff:203.0.113.7', '::FFFF:cb00:7107', '[::ffff:203.0.113.7]:99', '203.0.113.7'],
    ],
    [
      'of IPv6',
      [
        '2001:db8::1',
        '[2001:DB8::1]:443',
        '[2001:db8:0:0::2]',
        '2001:db8:0:0:1:2:3:4:5000',
        '2001:db8::9%eth0',
      ],
    ],
    ['that is none', ['unknown', '_hidden', '1.2.3.4.5']],
  ];
  for (const [what, addresses] of forms) {
    it(`is one however it is written: ${what}`, async (t) => {
      const service = await startService(t, {
        access: keysOf(['predict']),
        callLimits: { ...callLimits, failuresPerMinute: 1, trustedProxies: ['loopback', '10.0.0.9'] },
      });
      const statuses: number[] = [];
      for (const [i, address] of addresses.entries()) {
        // The second proxy writes the first with a port: it is trusted all the same.
        const headers = {
          authorization: `Bearer wrong-${i}`,
          'x-forwarded-for': `${address}, 10.0.0.9:5${i}`,
        };
        statuses.push((await fetch(`${service.url}/v1/model`, { headers })).status);
      }
      assert.deepEqual(
        statuses,
        addresses.map((_, i) => (i === 0 ? 401 : 429)),
      );
      const elsewhere = { authorization: 'Bearer key-of-predict', 'x-forwarded-for': '198.51.100.1:7' };
      assert.equal((await fetch(`${service.url}/v1/model`, { headers: elsewhere })).status, 200);
    });
  }

  it('has one plain form', () => {
    const cases: readonly (readonly [string, string | null])[] = [
      ['2001:0DB8:0::0001', '2001:db8::1'],
      ['[fe80::1%eth0]:80', 'fe80::1'],
      ['::ffff:0:0', '0.0.0.0'],
      ['203.0.113.7:', '203.0.113.7'],
      ['[203.0.113.7]', '203.0.113.7'],
      ['203.0.113.7.', null],
      ['localhost', null],
      ['[::1', null],
      ['::1]:80', null],
    ];
    for (const [written, plain] of cases) assert.equal(plainAddress(written), plain, written);
  });
});
