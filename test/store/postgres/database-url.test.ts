import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseUrlError } from '../../../src/store/postgres/database-url-error.ts';
import { type DatabasePlan, parseDatabaseUrl } from '../../../src/store/postgres/database-url.ts';
import { nameOf, socketPath } from '../../../src/store/postgres/server-addresses.ts';

const hostsOf = ({ servers }: DatabasePlan): string[] => servers.map(nameOf);

function refusal(url: string): string {
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    assert.ok(error instanceof DatabaseUrlError, String(error));
    return error.message;
  }
  assert.fail(`expected ${url} to be refused`);
}

describe('a DATABASE_URL', () => {
  it('names one server, by libpq’s defaults where it says nothing', () => {
    const plan = parseDatabaseUrl('postgres://ada:secret@db.example/queue');
    assert.deepEqual(hostsOf(plan), ['db.example:5432']);
    assert.deepEqual([plan.user, plan.password, plan.database], ['ada', 'secret', 'queue']);
    assert.equal(plan.tls.mode, 'prefer');
    assert.equal(parseDatabaseUrl('postgresql://ada@db').database, 'ada');
    assert.deepEqual(hostsOf(parseDatabaseUrl('postgres:///queue')), ['localhost:5432']);
  });

  it('names several servers, each with its port or one for all', () => {
    const hosts = (url: string) => hostsOf(parseDatabaseUrl(url));
    assert.deepEqual(
      hosts('postgres://u:p@h1:5433,h2,[2001:db8::1]:5434/d?target_session_attrs=read-write'),
      ['h1:5433', 'h2:5432', '[2001:db8::1]:5434'],
    );
    assert.deepEqual(hosts('postgres://u@h1,h2/d?port=6432'), ['h1:6432', 'h2:6432']);
    assert.deepEqual(hosts('postgres:///d?host=h1,h2&port=1,2'), ['h1:1', 'h2:2']);
    assert.deepEqual(hosts('postgres://[::1]/d'), ['[::1]:5432']);
    assert.match(refusal('postgres://h1,h2,h3/d?port=1,2'), /as many as hosts; got 2 ports and 3 hosts/);
    assert.match(refusal('postgres://h1:99999/d'), /1 to 65535/);
    assert.match(refusal('postgres://h1:55x/d'), /expected hosts as name/);
  });

  it('connects to an address under another name', () => {
    const { servers } = parseDatabaseUrl('postgres://db.example/d?hostaddr=192.0.2.1');
    assert.deepEqual(servers, [{ host: 'db.example', port: 5432, address: '192.0.2.1' }]);
  });

  it('names the folder of a socket, as the host or behind the question mark', () => {
    const sockets = [
      'postgres:///d?host=/var/run/postgresql',
      'postgres://%2Fvar%2Frun%2Fpostgresql/d',
      'postgres://u:p@%2fvar%2frun%2fpostgresql:5432/d',
    ];
    for (const url of sockets)
      assert.deepEqual(hostsOf(parseDatabaseUrl(url)), ['/var/run/postgresql/.s.PGSQL.5432'], url);
    assert.equal(
      socketPath(parseDatabaseUrl('postgres:///d?host=@pg&port=7').servers[0]!),
      '\0pg/.s.PGSQL.7',
    );
  });

  it('is percent-encoded, in every part, once', () => {
    const plan = parseDatabaseUrl('postgres://a%40b:p%2F%3a%25%20%C3%A9%2B@h/my%2Fdb?application_name=x%26y');
    assert.deepEqual(
      [plan.user, plan.password, plan.database, plan.applicationName],
      ['a@b', 'p/:% é+', 'my/db', 'x&y'],
    );
    assert.equal(parseDatabaseUrl('postgres://u:a+b?c#d:e@h/d').password, 'a+b?c#d:e');
    assert.equal(parseDatabaseUrl('postgres://u@h/d?password=a+b%20c').password, 'a+b c');
    assert.equal(parseDatabaseUrl('postgres://h/d?options=-c+search_path%3Dx').options, '-c search_path=x');
  });

  it('never shows the password, however wrong it is written', () => {
    const wrong = [
      'postgres://u:geheim%zz@h/d',
      'postgres://u:geheim/1@h/d',
      'postgres://u:7777/geheim@h/d',
      'postgres://u:geheim%00@h/d',
      'postgres://u:geheim@h:port/d',
      'postgres://u:geheim@h/d?sslmode=no',
      'postgres://u:geheim@h/d?passwort=geheim',
      'postgres://u@h/d?password=geheim%',
      'postgres://u:7777/a?geheim=1@h/d',
      'postgres://u:7777:a/b?geheim=1@h/d',
    ];
    for (const url of wrong) assert.doesNotMatch(refusal(url), /geheim|7777/, url);
    assert.match(refusal(wrong[0]!), /the password is not percent-encoded UTF-8: write % as %25/);
    assert.match(refusal(wrong[1]!), /write \/ of a password as %2F/);
    assert.match(refusal(wrong[2]!), /write \/ of a password as %2F/);
  });

  it('has TLS as libpq has it', () => {
    const tls = (query: string) => parseDatabaseUrl(`postgres://h/d?${query}`).tls;
    for (const mode of ['disable', 'allow', 'prefer', 'require', 'verify-full'])
      assert.equal(tls(`sslmode=${mode}`).mode, mode);
    assert.deepEqual(tls('sslmode=verify-ca&sslrootcert=/ca.crt&sslcert=/c.crt&sslkey=/c.key'), {
      mode: 'verify-ca',
      rootCert: '/ca.crt',
      cert: '/c.crt',
      key: '/c.key',
      keyPassword: null,
      crl: null,
      direct: false,
    });
    assert.equal(tls('ssl=true').mode, 'require');
    assert.match(refusal('postgres://h/d?sslmode=verify-ca'), /needs sslrootcert/);
    assert.match(
      refusal('postgres://h/d?sslmode=no-verify'),
      /expected disable, .*verify-full; got "no-verify"/,
    );
    assert.match(refusal('postgres://h/d?sslmode=require&sslrootcert=system'), /needs sslmode=verify-full/);
    assert.match(refusal('postgres://h/d?sslcert=/c.crt'), /belong together/);
    assert.match(refusal('postgres://h/d?sslnegotiation=direct'), /needs sslmode=require/);
  });

  it('needs a server that takes writes, and says so where another is asked for', () => {
    for (const attributes of ['any', 'read-write', 'primary'])
      parseDatabaseUrl(`postgres://h/d?target_session_attrs=${attributes}`);
    for (const attributes of ['standby', 'read-only', 'prefer-standby', 'rw'])
      assert.match(
        refusal(`postgres://h/d?target_session_attrs=${attributes}`),
        /target_session_attrs: expected any, read-write, primary; got/,
      );
  });

  it('names a parameter that is not known, and passes over libpq’s that change nothing here', () => {
    assert.match(refusal('postgres://h/d?sslmod=require'), /the parameter "sslmod" is not known/);
    parseDatabaseUrl('postgres://h/d?keepalives=1&gssencmode=disable&tcp_user_timeout=5000');
    assert.match(refusal('postgres://h/d?client_encoding=latin1'), /expected UTF8/);
    assert.match(refusal('postgres://h/d?sslmode'), /got no "="/);
    assert.match(refusal('mysql://h/d'), /expected postgres:\/\//);
  });

  it('is told all that is wrong with it at once', () => {
    const why = refusal(
      'postgres://u:geheim%zz@h:0/d?sslmod=no&sslmode=must&target_session_attrs=standby&connect_timeout=soon',
    );
    const parts = ['the password is not', 'port: ', '"sslmod" is', 'sslmode: ', 'target_session_attrs: '];
    for (const part of [...parts, 'connect_timeout: ']) assert.ok(why.includes(part), `${part} in ${why}`);
    assert.doesNotMatch(why, /geheim/);
  });

  it('waits for a host as long as it says: at least two seconds, as libpq does', () => {
    const wait = (query: string) => parseDatabaseUrl(`postgres://h/d?${query}`).connectMs;
    assert.deepEqual(['connect_timeout=10', 'connect_timeout=1', 'connect_timeout=0', ''].map(wait), [
      10_000,
      2_000,
      null,
      null,
    ]);
    assert.match(refusal('postgres://h/d?connect_timeout=1.5'), /whole seconds/);
  });

  it('leaves the rest to the environment', () => {
    const environment = {
      PGHOST: 'h1,h2',
      PGPORT: '6000',
      PGUSER: 'ada',
      PGPASSWORD: 'p',
      PGSSLMODE: 'require',
    };
    const plan = parseDatabaseUrl('postgres:///queue', environment);
    assert.deepEqual(hostsOf(plan), ['h1:6000', 'h2:6000']);
    assert.deepEqual([plan.user, plan.password, plan.tls.mode], ['ada', 'p', 'require']);
    assert.equal(parseDatabaseUrl('postgres://h:1/queue?sslmode=disable', environment).tls.mode, 'disable');
  });
});
