import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { NOON } from './service.ts';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'sensigate';

/** Claims that a token has otherwise; undefined leaves one out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Issuer {
  readonly jwksUrl: string;
  /** How often its keys were fetched. */
  readonly fetched: () => number;
  /** A token for "anna" that is good for an hour from noon, signed by the newest key. */
  readonly sign: (claims?: Claims) => Promise<string>;
  /** A token that says it is signed by the newest key, and is by another. */
  readonly forge: (claims?: Claims) => Promise<string>;
  /** Signs from now on with a new key that it does not publish. */
  readonly hideKey: () => Promise<void>;
  /** From now on its keys are answered with `status` and `body`. */
  readonly answerWith: (status: number, body: string) => void;
  readonly stop: () => void;
}

/** An issuer of JWTs on this machine, with keys of its own at a real address. */
export async function startIssuer(t: TestContext, alg = 'ES256'): Promise<Issuer> {
  const keyPair = async (): Promise<{ privateKey: CryptoKey; jwk: object }> => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), alg, use: 'sig' } };
  };
  const published: object[] = [];
  let serial = 0;
  let current = await keyPair();
  let broken: { status: number; body: string } | null = null;
  let fetched = 0;
  const kid = (): string => `key-${serial}`;
  published.push({ ...current.jwk, kid: kid() });

  const server = createServer((_request, response) => {
    fetched++;
    response.writeHead(broken?.status ?? 200, { 'content-type': 'application/json' });
    response.end(broken?.body ?? JSON.stringify({ keys: published }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.after(stop);
  const { port } = server.address() as AddressInfo;

  const signWith = (key: CryptoKey, claims: Claims): Promise<string> => {
    const noon = NOON / 1000;
    const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'anna', iat: noon, exp: noon + 3600 };
    const payload = JSON.parse(JSON.stringify({ ...usual, ...claims })) as JWTPayload;
    return new SignJWT(payload).setProtectedHeader({ alg, kid: kid(), typ: 'JWT' }).sign(key);
  };

  return {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    fetched: () => fetched,
    sign: (claims = {}) => signWith(current.privateKey, claims),
    forge: async (claims = {}) => signWith((await keyPair()).privateKey, claims),
    hideKey: async () => {
      serial++;
      current = await keyPair();
    },
    answerWith: (status, body) => {
      broken = { status, body };
    },
    stop,
  };
}
