import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { isOfConnection, queueError } from '../../../src/store/postgres/database-error.ts';
import { openPostgresStore } from '../../../src/store/postgres/open.ts';
import { StoreError } from '../../../src/store/store-error.ts';
import { anyServer, type PostgresServer } from '../../../support/postgres-server.ts';
import { by, minuteMs, prediction } from '../../../support/store-fixture.ts';
import { recordOne } from '../../../support/record-one.ts';

const isUnavailable = (error: unknown): boolean =>
  error instanceof StoreError && error.code === 'database_unavailable';

function ofServer(code: string, message = 'said by the server'): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError(message, 0, 'error'), { code, severity: 'ERROR' });
}

describe('an error of PostgreSQL', () => {
  it('that passes is database_unavailable, which callers may try again', () => {
    const passing = [
      ...['08000', '08006', '08P01', '53100', '53200', '53300', '57P01', '57P02', '57P03', '57P04', '57P05'],
      ...['57014', '55P03', '40001', '40P01', '25006', '25P03', '55000', '58000', '58030', '26000', '42P05'],
    ];
    for (const code of passing) assert.ok(isUnavailable(queueError(ofServer(code))), code);
    assert.ok(isUnavailable(queueError(ofServer('0A000', 'cached plan must not change result type'))));
  });

  it('that is a mistake of ours stays what it is', () => {
    for (const code of ['0A000', '22021', '23505', '42601', '42703', 'P0001', 'XX000']) {
      const error = ofServer(code);
      assert.equal(queueError(error), error, code);
      assert.equal(isOfConnection(error), false, code);
    }
    const bug = new TypeError('undefined is not a function');
    assert.equal(queueError(bug), bug);
  });

  it('that the driver makes of a connection that breaks is database_unavailable', () => {
    const codes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED', 'ERR_SOCKET_CLOSED'];
    for (const code of [...codes, 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'])
      assert.ok(isUnavailable(queueError(Object.assign(new Error('broken'), { code }))), code);
    const messages = [
      'Connection terminated unexpectedly',
      'Query read timeout',
      'Client has encountered a connection error and is not queryable',
      'Received unexpected commandComplete message from backend.',
    ];
    for (const message of messages) assert.ok(isUnavailable(queueError(new Error(message))), message);
    const unread = new pg.DatabaseError('received invalid response: 4a', 0, 'error');
    assert.ok(isUnavailable(queueError(unread)));
    assert.ok(isOfConnection(unread));
  });
});

describe('statements that the server has no more', () => {
  let server: PostgresServer;
  before(async () => {
    server = await anyServer();
  });
  after(() => server.stop());

  it('after a newer release has changed a table, are prepared again, and no call fails', async (t) => {
    const { url, drop } = await server.createSchema();
    const queue = await openPostgresStore({ url, poolSize: 8 });
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    t.after(async () => {
      await queue.close();
      await other.end();
      await drop();
    });
    await recordOne(queue, prediction({ id: 'a' }), null);
    const readAll = () => Promise.all(Array.from({ length: 24 }, () => queue.records.find('a')));
    await readAll();
    // Another type of the same text.
    await other.query('ALTER TABLE predictions ALTER COLUMN input_hash TYPE varchar(200)');
    for (const found of await readAll()) assert.equal(found?.prediction.id, 'a');
    assert.equal((await queue.reviewing.claim(by('ada', 1, minuteMs))).length, 1);
  });
});
