import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { VerifyToken } from '../../src/access/authenticate.ts';
import { AccessError } from '../../src/access/access-error.ts';
import { createJwtVerifier } from '../../src/access/jwt.ts';
import { AUDIENCE, type Claims, ISSUER, type Issuer, startIssuer } from '../fronts/http/issuer.ts';
import { NOON } from '../fronts/http/service.ts';

interface Trust {
  readonly issuer: Issuer;
  readonly verify: VerifyToken;
  /** Errors that were told of. */
  readonly told: unknown[];
}

async function trust(t: TestContext, { alg = 'ES256', now = () => NOON } = {}): Promise<Trust> {
  const issuer = await startIssuer(t, alg);
  const told: unknown[] = [];
  const { jwksUrl } = issuer;
  const onUnavailable = (error: unknown): unknown => told.push(error);
  const options = { jwksUrl, issuer: ISSUER, audience: AUDIENCE, now, onUnavailable };
  return { issuer, verify: createJwtVerifier(options), told };
}

const seconds = NOON / 1000;
const isUnavailable = (error: unknown): boolean =>
  error instanceof AccessError && error.code === 'jwks_unavailable' && /JWKS_URL/.test(error.message);

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('a JWT', () => {
  for (const alg of ['RS256', 'PS384', 'ES256', 'EdDSA']) {
    it(`is known by the keys that its issuer publishes (${alg})`, async (t) => {
      const { issuer, verify } = await trust(t, { alg });
      const token = await issuer.sign({ scope: 'openid predict review' });
      assert.deepEqual(await verify(token), { keyId: 'jwt:anna', scopes: ['predict', 'review'] });
    });
  }

  it('may have its scopes as scope or scp, as text or list, and none that is not the service’s', async (t) => {
    const { issuer, verify } = await trust(t);
    const scopesBy = async (claims: Claims): Promise<unknown> => {
      const verdict = await verify(await issuer.sign(claims));
      assert.ok(verdict !== null && 'scopes' in verdict);
      return verdict.scopes;
    };
    assert.deepEqual(await scopesBy({ scp: 'export admin' }), ['export', 'admin']);
    assert.deepEqual(await scopesBy({ scp: ['review', 'profile', 7] }), ['review']);
    assert.deepEqual(await scopesBy({ scope: 'predict', scp: ['review'] }), ['predict', 'review']);
    assert.deepEqual(await scopesBy({ scope: 'predictions Predict predict,review' }), []);
    assert.deepEqual(await scopesBy({ scope: { predict: true } }), []);
    assert.deepEqual(await scopesBy({}), []);
  });

  const wrong: readonly (readonly [string, Claims, RegExp])[] = [
    ['of another issuer', { iss: 'https://evil.example/' }, /"iss".*expected "https:\/\/issuer\.example\/"/],
    ['without an issuer', { iss: undefined }, /missing required "iss"/],
    ['for another audience', { aud: 'mailer' }, /"aud".*expected "sensigate"/],
    ['without an audience', { aud: undefined }, /missing required "aud"/],
    ['without an end', { exp: undefined }, /missing required "exp"/],
    ['without a subject', { sub: undefined }, /missing required "sub"/],
    ['whose subject is a number', { sub: 7 }, /is text of 1 to 128/],
    ['whose subject is an object', { sub: {} }, /is text of 1 to 128/],
    ['whose subject is a list', { sub: ['anna'] }, /is text of 1 to 128/],
    ['whose subject is true', { sub: true }, /is text of 1 to 128/],
    ['whose subject is null', { sub: null }, /is text of 1 to 128/],
    ['whose subject has NUL', { sub: 'an\0na' }, /no control characters/],
    ['with an empty subject', { sub: '' }, /1 to 128 characters/],
    ['with a subject of two lines', { sub: 'anna\nadmin' }, /no control characters/],
    ['with a subject that is too long', { sub: 'a'.repeat(129) }, /1 to 128 characters/],
    ['that begins later', { nbf: seconds + 6 }, /"nbf"/],
  ];
  for (const [what, claims, said] of wrong) {
    it(`${what} is refused, and says why`, async (t) => {
      const { issuer, verify } = await trust(t);
      const verdict = await verify(await issuer.sign({ scope: 'predict', ...claims }));
      assert.ok(verdict !== null && 'refused' in verdict && verdict.refused === 'unauthorized');
      assert.match(verdict.why, said);
    });
  }

  it('for several audiences is taken where the service is among them', async (t) => {
    const { issuer, verify } = await trust(t);
    const verdict = await verify(await issuer.sign({ aud: ['mailer', AUDIENCE] }));
    assert.ok(verdict !== null && 'keyId' in verdict);
  });

  it('has expired five seconds after its end, which is not a guess', async (t) => {
    const { issuer, verify } = await trust(t);
    const late = await verify(await issuer.sign({ exp: seconds - 5 }));
    assert.ok(late !== null && 'refused' in late && late.refused === 'expired_credential');
    const close = await verify(await issuer.sign({ exp: seconds - 4 }));
    assert.ok(close !== null && 'keyId' in close);
  });

  it('that has expired and was not even signed by the issuer is a guess', async (t) => {
    const { issuer, verify } = await trust(t);
    const verdict = await verify(await issuer.forge({ exp: seconds - 100 }));
    assert.deepEqual(verdict, {
      refused: 'unauthorized',
      why: 'The signature of the JWT does not hold.',
    });
  });

  it('that was changed is refused', async (t) => {
    const { issuer, verify } = await trust(t);
    const [head, , signature] = (await issuer.sign({ scope: 'predict' })).split('.');
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', exp: seconds + 60, scope: 'admin' };
    const verdict = await verify(`${head}.${encoded(claims)}.${signature}`);
    assert.ok(verdict !== null && 'refused' in verdict && verdict.refused === 'unauthorized');
  });

  it('that is not signed, or by what everybody knows, is refused before any key is fetched', async (t) => {
    const { issuer, verify } = await trust(t);
    const claims = encoded({ iss: ISSUER, aud: AUDIENCE, sub: 'anna', exp: seconds + 60 });
    const unsigned = `${encoded({ alg: 'none' })}.${claims}.AA`;
    const shared = `${encoded({ alg: 'HS256', kid: 'key-0' })}.${claims}`;
    const signature = createHmac('sha256', JSON.stringify({ keys: [] }))
      .update(shared)
      .digest('base64url');
    for (const token of [unsigned, `${shared}.${signature}`]) {
      const verdict = await verify(token);
      assert.ok(verdict !== null && 'refused' in verdict && verdict.refused === 'unauthorized');
      assert.match(verdict.why, /signed by one of RS256/);
    }
    assert.equal(issuer.fetched(), 0);
  });

  it('of the form alone is refused', async (t) => {
    const { verify } = await trust(t);
    const verdict = await verify('aaaa.bbbb.cccc');
    assert.ok(verdict !== null && 'refused' in verdict && verdict.refused === 'unauthorized');
  });

  it('is what no other token is taken for', async (t) => {
    const { issuer, verify } = await trust(t);
    for (const token of ['a'.repeat(64), 'a.b', 'a.b.c.d', 'a..c']) assert.equal(await verify(token), null);
    assert.equal(issuer.fetched(), 0);
  });
});

describe('the keys of an issuer', () => {
  it('are fetched once for many JWTs', async (t) => {
    const { issuer, verify } = await trust(t);
    const token = await issuer.sign();
    await Promise.all(Array.from({ length: 20 }, async () => verify(token)));
    await verify(token);
    assert.equal(issuer.fetched(), 1);
  });

  it('that do not hold the one a JWT names refuse it', async (t) => {
    const { issuer, verify } = await trust(t);
    await issuer.hideKey();
    assert.deepEqual(await verify(await issuer.sign()), {
      refused: 'unauthorized',
      why: 'The JWT names no key ("kid") that its issuer publishes.',
    });
  });

  const failures: readonly (readonly [string, (issuer: Issuer) => void])[] = [
    [
      'answer nothing',
      (issuer) => {
        issuer.stop();
      },
    ],
    [
      'answer an error',
      (issuer) => {
        issuer.answerWith(500, 'no');
      },
    ],
    [
      'send elsewhere',
      (issuer) => {
        issuer.answerWith(302, '');
      },
    ],
    [
      'answer no JSON',
      (issuer) => {
        issuer.answerWith(200, '<html>');
      },
    ],
    [
      'answer no keys',
      (issuer) => {
        issuer.answerWith(200, '{"keys": 1}');
      },
    ],
  ];
  for (const [what, fail] of failures) {
    it(`that ${what} let nobody in, and say what to do; the operator is told once`, async (t) => {
      const { issuer, verify, told } = await trust(t);
      const token = await issuer.sign({ scope: 'admin' });
      fail(issuer);
      await assert.rejects(async () => verify(token), isUnavailable);
      await assert.rejects(async () => verify(token), isUnavailable);
      assert.equal(told.length, 1);
    });
  }
});
