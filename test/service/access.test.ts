import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AUDIENCE, ISSUER, startIssuer } from '../fronts/http/issuer.ts';
import { sha256 } from '../fronts/http/keys.ts';
import { endServices, newDataDir, type Service, startService } from '../commands/service.ts';

after(endServices);

interface Entry {
  readonly act: string;
  readonly who: string | null;
  readonly detail: {
    readonly from: { readonly id?: string } | readonly { readonly id: string }[] | null;
    readonly to: { readonly id?: string } | readonly { readonly id: string }[] | null;
  };
}

/** How long the service may take to notice a file; it looks every five seconds, on a machine that is busy. */
const NOTICED_MS = 30_000;

/** Resolves when `what` has been logged `times` times. */
async function logged(service: Service, what: string, times = 1): Promise<void> {
  const until = Date.now() + NOTICED_MS;
  while (service.lines.filter(({ msg }) => msg === what).length < times) {
    assert.ok(Date.now() < until, `"${what}" was not logged in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function statusOf(service: Service, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` };
  return (await fetch(`${service.url}/v1/model`, { headers })).status;
}

async function trailOf(service: Service, token: string): Promise<Entry[]> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${service.url}/v1/audit-trail`, { headers });
  return ((await response.json()) as { entries: Entry[] }).entries;
}

const keysFile = (...ids: string[]): string =>
  JSON.stringify(ids.map((id) => ({ id, sha256: sha256(`key-of-${id}`), scopes: ['admin'] })));

const idsOf = (keys: Entry['detail']['to']): unknown =>
  Array.isArray(keys) ? keys.map(({ id }: { id: string }) => id) : keys;

describe('the file of keys of a running service', () => {
  it('is taken when it changes, refused when it does not hold, and each change is in the audit trail', async (t) => {
    const DATA_DIR = await newDataDir();
    const path = join(DATA_DIR, 'keys.json');
    await writeFile(path, keysFile('lead', 'old'));
    const service = await startService({ DATA_DIR, API_KEYS_FILE: path });
    assert.deepEqual(
      [await statusOf(service, 'key-of-old'), await statusOf(service, 'key-of-new')],
      [200, 401],
    );

    await writeFile(path, keysFile('lead', 'new'));
    await logged(service, 'the changed file of API keys is taken');
    assert.deepEqual(
      [await statusOf(service, 'key-of-old'), await statusOf(service, 'key-of-new')],
      [401, 200],
    );

    await writeFile(path, '[');
    service.kill('SIGHUP');
    await logged(service, 'the changed file of API keys is refused');
    assert.equal(await statusOf(service, 'key-of-new'), 200);
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    assert.match(metrics, /^sensigate_api_keys_reloads_total\{outcome="taken"\} 1$/m);
    assert.match(metrics, /^sensigate_api_keys_reloads_total\{outcome="refused"\} 1$/m);
    assert.match(metrics, /^sensigate_api_keys_refused 1$/m);

    const entries = await trailOf(service, 'key-of-lead');
    assert.deepEqual(
      entries
        .filter(({ act }) => act === 'keys_changed')
        .map(({ who, detail }) => [who, idsOf(detail.from), idsOf(detail.to)]),
      [
        [null, ['lead', 'old'], ['lead', 'new']],
        [null, null, ['lead', 'old']],
      ],
    );
    const gates = entries.filter(({ act }) => act === 'gate_changed');
    assert.deepEqual(
      gates.map(({ detail }) => detail.from),
      [null],
    );
    const served = (await (
      await fetch(`${service.url}/v1/gate`, { headers: { authorization: `Bearer key-of-lead` } })
    ).json()) as { gate: { id: string } };
    assert.equal((gates[0]!.detail.to as { id: string }).id, served.gate.id);
    assert.ok(!JSON.stringify([entries, service.lines]).includes(sha256('key-of-lead')));
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);

    await t.test('and so is what has changed when it starts again, now with JWTs and no gate', async (t) => {
      const issuer = await startIssuer(t);
      const again = await startService({
        DATA_DIR,
        HOST: '0.0.0.0',
        JWKS_URL: issuer.jwksUrl,
        JWT_ISSUER: ISSUER,
        JWT_AUDIENCE: AUDIENCE,
        GATE_FILE: '/nowhere/gate.json',
      });
      const now = Math.floor(Date.now() / 1000);
      const token = await issuer.sign({ scope: 'admin', iat: now, exp: now + 600 });
      const reachable = { ...again, url: again.url.replace('0.0.0.0', '127.0.0.1') };
      assert.equal(await statusOf(reachable, 'key-of-lead'), 401);
      const [newest, second] = await trailOf(reachable, token);
      // Both are of the start, maybe of one millisecond.
      const acts = [newest!, second!].filter(({ detail }) => detail.to === null).map(({ act }) => act);
      assert.deepEqual(acts.sort(), ['gate_changed', 'keys_changed']);
      again.kill('SIGTERM');
      assert.equal(await again.ended, 0);
    });
  });
});
