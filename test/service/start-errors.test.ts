import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../support/free-port.ts';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import { runCommand } from '../commands/run-command.ts';
import { endServices, newDataDir, post, refusedService, samples, startService } from '../commands/service.ts';

after(endServices);

describe('a service that cannot listen', () => {
  it('says which setting moves a port that is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, said } = await refusedService({ DATA_DIR: await newDataDir(), PORT: String(port) });
    other.close();
    assert.equal(code, 1);
    assert.match(
      said,
      new RegExp(`port ${port} of 127\\.0\\.0\\.1 is in use by another program: PORT or --port`),
    );
  });

  it('says that HOST is no address of this machine', async () => {
    const { url } = { url: 'https://issuer.example/jwks.json' };
    const jwt = { JWKS_URL: url, JWT_ISSUER: url, JWT_AUDIENCE: 'x' };
    const { code, said } = await refusedService({ DATA_DIR: await newDataDir(), HOST: '192.0.2.1', ...jwt });
    assert.equal(code, 1);
    assert.match(said, /192\.0\.2\.1 is not an address of this machine: HOST or --host/);
  });
});

describe('a service that cannot reach PostgreSQL', () => {
  let server: OwnServer;
  let at: URL;
  before(async () => {
    server = await ownServer();
    at = new URL((await server.createSchema()).url);
    at.search = '';
  });
  after(() => server.stop());
  const refused = async (change: (url: URL) => void) => {
    const url = new URL(at);
    change(url);
    const told = await refusedService({ DATA_DIR: await newDataDir(), DATABASE_URL: url.href });
    assert.equal(told.code, 1);
    assert.doesNotMatch(told.said, /geheim|password@|:password/);
    return told.said;
  };

  it('names host, port, database and why: nobody listens, the database or the TLS is missing', async () => {
    const nobody = await freePort();
    const said = await refused((url) => {
      url.port = String(nobody);
      url.password = 'geheim';
      url.pathname = '/queue';
    });
    assert.match(
      said,
      new RegExp(`PostgreSQL at 127\\.0\\.0\\.1:${nobody}, database "queue".*no server listens there`),
    );
    assert.match(said, /ECONNREFUSED/);
    assert.match(said, /DATABASE_URL/);
    assert.match(
      await refused((url) => {
        url.pathname = '/nosuch';
      }),
      new RegExp(`127\\.0\\.0\\.1:${at.port}, database "nosuch".*the server has no such database`),
    );
    assert.match(
      await refused((url) => {
        url.searchParams.set('sslmode', 'require');
      }),
      /no TLS connection can be made/,
    );
  });

  it('says that the password is refused, and never shows it', async () => {
    const said = await refused((url) => {
      url.password = 'geheim';
    });
    assert.match(said, /user "postgres": the server refuses the password/);
  });

  it('says the same from a command', async () => {
    const environment = { DATABASE_URL: `postgres://me:geheim@127.0.0.1:${await freePort()}/queue` };
    for (const args of [['migrate'], ['export', '--to', 'x']]) {
      const { code, err } = await runCommand(args, { environment, cwd: await newDataDir() });
      assert.equal(code, 1);
      assert.match(err, /database "queue".*no server listens there/);
      assert.doesNotMatch(err, /geheim/);
    }
  });
});

describe('a second service on one SQLite file', () => {
  it('says who is there and ends, and the first goes on', async () => {
    const DATA_DIR = await newDataDir();
    const first = await startService({ DATA_DIR });
    const { code, said } = await refusedService({ DATA_DIR });
    assert.equal(code, 1);
    assert.match(
      said,
      new RegExp(`process id ${first.pid}, since 20\\d\\d-.*runs on ${DATA_DIR}/sensigate\\.db`),
    );
    assert.match(said, /SHARED_SQLITE=true/);
    assert.ok([200, 202].includes((await post(first, (await samples(1))[0]!.bytes)).status));
    first.kill('SIGTERM');
    assert.equal(await first.ended, 0);
    const next = await startService({ DATA_DIR });
    next.kill('SIGTERM');
    assert.equal(await next.ended, 0);
  });

  it('takes the file after the first was killed, however it died', async () => {
    const DATA_DIR = await newDataDir();
    for (let life = 0; life < 3; life++) {
      const service = await startService({ DATA_DIR });
      service.kill('SIGKILL');
      await service.ended;
    }
    const last = await startService({ DATA_DIR });
    assert.equal((await refusedService({ DATA_DIR })).code, 1);
    last.kill('SIGTERM');
    assert.equal(await last.ended, 0);
  });

  it('runs where it is told that this is meant, and both share the queue', async () => {
    const DATA_DIR = await newDataDir();
    const environment = { DATA_DIR, GATE_FILE: '/nowhere/gate.json', SHARED_SQLITE: 'true' };
    const [first, second] = await Promise.all([startService(environment), startService(environment)]);
    const { body } = await post(first, (await samples(1))[0]!.bytes);
    const found = await fetch(`${second.url}/v1/predictions/${body.id}`);
    assert.equal(found.status, 200);
    for (const service of [first, second]) {
      service.kill('SIGTERM');
      assert.equal(await service.ended, 0);
    }
  });

  it('is refused beside one that counts on being alone, whatever it says itself', async () => {
    const DATA_DIR = await newDataDir();
    const first = await startService({ DATA_DIR });
    const { code, said } = await refusedService({ DATA_DIR, SHARED_SQLITE: 'true' });
    assert.equal(code, 1);
    assert.match(said, new RegExp(`process id ${first.pid}, .*started without SHARED_SQLITE=true`));
    first.kill('SIGTERM');
    assert.equal(await first.ended, 0);
  });

  it('is not what commands are: they run beside the service', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR });
    for (const args of [
      ['migrate'],
      ['retain', '--older-than', '30d'],
      ['export', '--to', 'x'],
      ['backup', '--to', 'y'],
    ])
      assert.equal((await runCommand(args, { environment: { DATA_DIR }, cwd: DATA_DIR })).code, 0, args[0]);
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
  });
});

it('a service warns by name of a variable that resembles a setting', async () => {
  const service = await startService({ DATA_DIR: await newDataDir(), API_KEY_FILE: '/etc/keys.json' });
  const warned = service.lines.find(({ variable }) => variable === 'API_KEY_FILE');
  assert.deepEqual([warned?.level, warned?.setting], ['warn', 'API_KEYS_FILE']);
  service.kill('SIGTERM');
  assert.equal(await service.ended, 0);
});
