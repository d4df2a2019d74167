import assert from 'node:assert/strict';
import { appendFile, copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { createConnector } from '../../../src/store/postgres/connector.ts';
import { parseDatabaseUrl } from '../../../src/store/postgres/database-url.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { whyNotConnected } from '../../../src/store/postgres/server.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { type Issued, newAuthority } from '../../../support/certificates.ts';
import { type OwnServer, ownServer } from '../../../support/postgres-server.ts';
import { labelNext, prediction } from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const ours = newAuthority('Authority of the test');
const another = newAuthority('Another authority');
const onLocalhost = ours.issue({ name: 'database', hosts: ['localhost', '*.db.example', '127.0.0.1'] });

const ANY_NAME = 'ä/b@c:d%e+f';

/** Who may come how. A certificate is good for the user whom it names. */
const RULES = `
local     all all         scram-sha-256
hostnossl all plain_only  127.0.0.1/32 scram-sha-256
hostssl   all tls_only    127.0.0.1/32 scram-sha-256
hostssl   all certified   127.0.0.1/32 cert
hostssl   all thorough    127.0.0.1/32 scram-sha-256 clientcert=verify-full
host      all postgres,ada,"${ANY_NAME}" 127.0.0.1/32 scram-sha-256
`;

const PASSWORD = 'password';
const ROLES = ['plain_only', 'tls_only', 'certified', 'thorough', 'ada'];

let server: OwnServer;
let folder: string;
let data: string;
let port: string;
let admin: pg.Pool;

const file = (name: string): string => join(folder, name);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sensigate-encryption-'));
  const client = ours.issue({ name: 'certified' });
  const files = {
    'ca.crt': ours.certificate,
    'both.crt': `${another.certificate}${ours.certificate}`,
    'another.crt': another.certificate,
    'revoked.crl': ours.revoke(onLocalhost),
    'none-revoked.crl': ours.revoke(),
    'client.crt': client.certificate,
    'client.key': client.key,
    'client-encrypted.key': client.keyBy('a key’s own'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(file(name), text);
  server = await ownServer(false, {
    settings: ['ssl_ca_file=ca.crt', 'unix_socket_directories="so cket+%20é"'],
    prepare: async (at) => {
      data = at;
      await copyFile(file('ca.crt'), join(at, 'ca.crt'));
      await writeFile(join(at, 'server.key'), onLocalhost.key, { mode: 0o600 });
      await writeFile(join(at, 'server.crt'), onLocalhost.certificate);
      await writeFile(join(at, 'pg_hba.conf'), RULES);
      await appendFile(join(at, 'postgresql.conf'), 'ssl = on\n');
      await mkdir(join(at, 'so cket+%20é'));
    },
  });
  const { url } = await server.createSchema();
  port = new URL(url).port;
  admin = new pg.Pool({
    connectionString: `postgres://postgres:password@127.0.0.1:${port}/postgres`,
    max: 1,
  });
  admin.on('error', () => undefined);
  for (const role of ROLES) await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`);
});
after(async () => {
  await admin.end();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the server again with another certificate; null for none. */
async function servedWith(certificate: Issued | null): Promise<void> {
  await server.kill('SIGINT');
  if (certificate !== null) {
    await writeFile(join(data, 'server.key'), certificate.key);
    await writeFile(join(data, 'server.crt'), certificate.certificate);
  }
  await server.restart();
}

interface Parts {
  readonly user?: string;
  readonly password?: string;
  readonly host?: string;
  readonly [parameter: string]: string | undefined;
}

function urlOf({ user = 'ada', password = PASSWORD, host = 'localhost', ...parameters }: Parts): string {
  const query = Object.entries(parameters).map(
    ([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`,
  );
  const who = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `postgres://${who}@${host}:${port}/postgres?connect_timeout=20&${query.join('&')}`;
}

interface Seen {
  readonly user: string;
  readonly tls: boolean;
  readonly subject: string | null;
}

/** What the server sees of a connection that the service makes. */
async function connected(url: string): Promise<Seen> {
  const { client } = await createConnector(parseDatabaseUrl(url), { queryMs: 20_000 })();
  const { rows } = await client.query<Seen>(
    'SELECT current_user AS user, ssl AS tls, client_dn AS subject ' +
      'FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
  );
  await client.end();
  return rows[0]!;
}

const isEncrypted = async (parts: Parts): Promise<boolean> => (await connected(urlOf(parts))).tls;

/** What the service says at its start of a URL that leads nowhere. */
async function refusal(parts: Parts): Promise<string> {
  const url = urlOf(parts);
  const error: unknown = await openPostgresStore({ url }).then(
    (store) => store.close(),
    (one: unknown) => one,
  );
  assert.ok(error instanceof StoreError && error.code === 'database_unavailable', String(error));
  const why = whyNotConnected(url, error);
  assert.ok(why !== null);
  return why;
}

describe('a connection to a PostgreSQL server that has TLS', () => {
  it('is encrypted by any sslmode but disable and allow', async () => {
    const modes = ['disable', 'allow', 'prefer', 'require', 'verify-full'];
    const encrypted: Record<string, boolean> = {};
    for (const sslmode of modes)
      encrypted[sslmode] = await isEncrypted({ sslmode, sslrootcert: file('ca.crt') });
    assert.deepEqual(encrypted, {
      disable: false,
      allow: false,
      prefer: true,
      require: true,
      'verify-full': true,
    });
    assert.equal(await isEncrypted({}), true, 'prefer, where nothing is said');
  });

  it('goes the other way where the server wants it, if the mode allows both', async () => {
    assert.equal(await isEncrypted({ user: 'plain_only', sslmode: 'prefer' }), false);
    assert.equal(await isEncrypted({ user: 'tls_only', sslmode: 'allow' }), true);
    assert.match(
      await refusal({ user: 'plain_only', sslmode: 'require' }),
      /refuses the user.*SSL encryption/,
    );
    assert.match(await refusal({ user: 'tls_only', sslmode: 'disable' }), /refuses the user.*no encryption/);
  });

  it('is refused for a wrong password by its own reason, whatever the way', async () => {
    for (const sslmode of ['allow', 'prefer', 'require'])
      assert.match(await refusal({ sslmode, password: 'geheim' }), /refuses the password/, sslmode);
  });

  it('is made where the authority of sslrootcert signed the server, alone or among others', async () => {
    for (const sslmode of ['require', 'verify-ca', 'verify-full'])
      for (const name of ['ca.crt', 'both.crt'])
        assert.equal(await isEncrypted({ sslmode, sslrootcert: file(name) }), true, `${sslmode} ${name}`);
  });

  it('is refused where another did, also by require', async () => {
    for (const sslmode of ['require', 'verify-ca', 'verify-full'])
      assert.match(
        await refusal({ sslmode, sslrootcert: file('another.crt') }),
        /no TLS connection can be made \(.*(certificate|issuer)/,
        sslmode,
      );
  });

  it('is refused by verify-full where none is named and nobody public signed it', async () => {
    for (const sslrootcert of [{}, { sslrootcert: 'system' }])
      assert.match(
        await refusal({ sslmode: 'verify-full', ...sslrootcert }),
        /no TLS connection can be made/,
      );
  });

  it('is made by verify-full to the name, the name by a wildcard, and the address', async () => {
    const trusted = { sslmode: 'verify-full', sslrootcert: file('ca.crt') };
    assert.equal(await isEncrypted({ ...trusted, host: '127.0.0.1' }), true);
    assert.equal(await isEncrypted({ ...trusted, host: 'queue.db.example', hostaddr: '127.0.0.1' }), true);
  });

  it('is refused by verify-full under another name, and by no other mode', async () => {
    const elsewhere = { sslrootcert: file('ca.crt'), host: 'db.elsewhere', hostaddr: '127.0.0.1' };
    assert.match(
      await refusal({ ...elsewhere, sslmode: 'verify-full' }),
      /no TLS connection can be made \(.*db\.elsewhere/,
    );
    for (const sslmode of ['require', 'verify-ca'])
      assert.equal(await isEncrypted({ ...elsewhere, sslmode }), true, sslmode);
  });

  it('is refused where a list of revoked certificates has the server’s', async () => {
    const trusted = { sslmode: 'verify-full', sslrootcert: file('ca.crt') };
    assert.equal(await isEncrypted({ ...trusted, sslcrl: file('none-revoked.crl') }), true);
    assert.match(await refusal({ ...trusted, sslcrl: file('revoked.crl') }), /no TLS connection.*revoked/);
  });

  it('is encrypted from its first byte on by sslnegotiation=direct', async () => {
    const trusted = { sslmode: 'verify-full', sslrootcert: file('ca.crt') };
    assert.equal(await isEncrypted({ ...trusted, sslnegotiation: 'direct' }), true);
  });

  it('is refused where a file that the URL names cannot be read, by each mode that uses it', async () => {
    for (const sslmode of ['prefer', 'require', 'verify-ca', 'verify-full'])
      for (const parameter of ['sslrootcert', 'sslcrl'])
        assert.match(
          await refusal({ sslmode, sslrootcert: file('ca.crt'), [parameter]: file('missing.pem') }),
          new RegExp(`${parameter}: the file .*missing.pem cannot be read \\(ENOENT\\)`),
          sslmode,
        );
    const missing = { sslcert: file('missing.pem'), sslkey: file('client.key') };
    assert.match(await refusal({ sslmode: 'prefer', ...missing }), /sslcert: the file .*missing.pem/);
    await writeFile(file('no-certificate.crt'), 'not a certificate');
    assert.match(
      await refusal({ sslmode: 'verify-full', sslrootcert: file('no-certificate.crt') }),
      /no TLS connection can be made/,
    );
  });
});

describe('a client’s certificate', () => {
  const certified = () => ({
    sslmode: 'verify-full',
    sslrootcert: file('ca.crt'),
    sslcert: file('client.crt'),
    sslkey: file('client.key'),
  });

  it('stands for the user whom it names, without a password', async () => {
    const seen = await connected(urlOf({ ...certified(), user: 'certified', password: '' }));
    assert.deepEqual(seen, { user: 'certified', tls: true, subject: '/CN=certified' });
  });

  it('may lie behind a key that has a password of its own', async () => {
    const sslkey = file('client-encrypted.key');
    const seen = await connected(
      urlOf({ ...certified(), user: 'certified', sslkey, sslpassword: 'a key’s own' }),
    );
    assert.equal(seen.subject, '/CN=certified');
    for (const sslpassword of [{}, { sslpassword: 'geheim' }]) {
      const why = await refusal({ ...certified(), user: 'certified', sslkey, ...sslpassword });
      assert.match(why, /no TLS connection can be made/);
      assert.doesNotMatch(why, /geheim/);
    }
  });

  it('is asked for beside the password where the server wants both', async () => {
    assert.match(
      await refusal({ sslmode: 'verify-full', sslrootcert: file('ca.crt'), user: 'thorough' }),
      /the server refuses the user \(connection requires a valid client certificate/,
    );
  });

  it('is refused where it is another user’s, or nobody’s whom the server knows', async () => {
    const other = ours.issue({ name: 'ada' });
    await writeFile(file('ada.crt'), other.certificate);
    await writeFile(file('ada.key'), other.key);
    assert.match(
      await refusal({ ...certified(), user: 'certified', sslcert: file('ada.crt'), sslkey: file('ada.key') }),
      /refuses the user \(certificate authentication failed/,
    );
    const stranger = another.issue({ name: 'certified' });
    await writeFile(file('stranger.crt'), stranger.certificate);
    await writeFile(file('stranger.key'), stranger.key);
    const why = await refusal({
      ...certified(),
      user: 'certified',
      sslcert: file('stranger.crt'),
      sslkey: file('stranger.key'),
    });
    assert.match(why, /no TLS connection can be made \(.*unknown ca/i);
  });
});

describe('a password', () => {
  // By SCRAM; the server has what SASLprep makes of it.
  const passwords = [
    'p@ss:/w%25+ord?#&=;[]',
    '%',
    ' a b ',
    'geheim"\'\\',
    'Passwört—密碼🙂',
    'ﬁ²\u00a0½e\u0301',
  ];

  for (const password of passwords)
    it(`is taken percent-encoded: ${password}`, async () => {
      await admin.query(`ALTER ROLE ada PASSWORD ${pg.escapeLiteral(password)}`);
      for (const sslmode of ['disable', 'require'])
        assert.equal((await connected(urlOf({ sslmode, password }))).user, 'ada', sslmode);
      await admin.query(`ALTER ROLE ada PASSWORD '${PASSWORD}'`);
    });

  it('and a user and a database may have any name', async () => {
    const name = ANY_NAME;
    await admin.query(`CREATE ROLE ${pg.escapeIdentifier(name)} LOGIN PASSWORD '${PASSWORD}'`);
    await admin.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'UTF8'`);
    const encoded = encodeURIComponent(name);
    const seen = await connected(`postgres://${encoded}:${PASSWORD}@localhost:${port}/${encoded}`);
    assert.equal(seen.user, name);
  });
});

describe('a Unix socket', () => {
  it('is connected to without TLS, whatever sslmode says, by each way to name its folder', async () => {
    const socket = join(data, 'so cket+%20é');
    const encoded = encodeURIComponent(socket);
    const urls = [
      `postgres:///postgres?host=${encoded}&port=${port}&user=ada&password=${PASSWORD}`,
      `postgres://ada:${PASSWORD}@/postgres?host=${encoded}&port=${port}&sslmode=require`,
      `postgres://ada:${PASSWORD}@${encoded}:${port}/postgres`,
    ];
    for (const url of urls)
      assert.deepEqual(await connected(url), { user: 'ada', tls: false, subject: null }, url);
  });

  it('carries the whole queue', async () => {
    const socket = encodeURIComponent(join(data, 'so cket+%20é'));
    await admin.query(`CREATE DATABASE queue OWNER ada TEMPLATE template0 ENCODING 'UTF8'`);
    const queue = await openPostgresStore({
      url: `postgres://ada:${PASSWORD}@${socket}:${port}/queue`,
      poolSize: 2,
    });
    await recordOne(queue, prediction({ id: 'a' }), null);
    assert.equal((await labelNext(queue, 'ada', 'Shirt')).prediction.id, 'a');
    await queue.close();
  });

  it('that is not there is said', async () => {
    const url = `postgres://ada@/postgres?host=${encodeURIComponent(folder)}&port=7`;
    const error: unknown = await openPostgresStore({ url }).catch((one: unknown) => one);
    assert.match(whyNotConnected(url, error) ?? '', /\.s\.PGSQL\.7.*there is no such socket/);
    await assert.rejects(stat(join(folder, '.s.PGSQL.7')));
  });
});

describe('a PostgreSQL server whose certificate is not good', () => {
  it('because it has expired, is refused by every mode that verifies', async () => {
    await servedWith(ours.issue({ name: 'database', hosts: ['localhost'], days: -1 }));
    for (const sslmode of ['require', 'verify-ca', 'verify-full'])
      assert.match(
        await refusal({ sslmode, sslrootcert: file('ca.crt') }),
        /no TLS connection can be made \(.*expired/,
        sslmode,
      );
    assert.equal(await isEncrypted({ sslmode: 'require' }), true, 'require trusts anybody');
  });
});

describe('a PostgreSQL server without TLS', () => {
  before(async () => {
    await admin.query('ALTER SYSTEM SET ssl = off');
  });

  it('is used by the modes that allow it, and named by the others', async () => {
    await servedWith(null);
    for (const sslmode of ['disable', 'allow', 'prefer'])
      assert.equal(await isEncrypted({ sslmode }), false, sslmode);
    for (const sslmode of ['require', 'verify-ca', 'verify-full'])
      assert.match(
        await refusal({ sslmode, sslrootcert: file('ca.crt') }),
        /no TLS connection can be made \(the server does not support TLS/,
        sslmode,
      );
  });
});
