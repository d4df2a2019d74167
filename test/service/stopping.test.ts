import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openPool } from '../../src/store/postgres/connection.ts';
import { MIGRATION_LOCK } from '../../src/store/postgres/migrate.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import {
  endServices,
  fashionMnist,
  newDataDir,
  post,
  samples,
  type Service,
  startService,
} from '../commands/service.ts';

after(endServices);

const onLinux = { skip: process.platform !== 'linux' && 'it finds the engine through /proc' };
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

function engineOf({ pid }: Service): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Stops the engine where it is; returns what lets it go on. */
function halt(service: Service): () => void {
  const pids = engineOf(service);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  };
}

const says = async (service: Service, text: string): Promise<void> => {
  while (!service.lines.some(({ msg }) => String(msg).includes(text)))
    await new Promise((resolve) => setTimeout(resolve, 10));
};

interface Answered {
  readonly status: number;
  readonly id: string;
  readonly connection: string | undefined;
}

/** Posts an image over a connection of its own; rejects where there is no answer. */
function postAlone({ url }: Service, bytes: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${url}/v1/predictions`,
      { method: 'POST', agent: false, headers: { 'content-type': 'image/png', connection: 'keep-alive' } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', reject);
        response.on('end', () => {
          const { id } = JSON.parse(text) as { id: string };
          resolve({ status: response.statusCode!, id, connection: response.headers.connection });
        });
      },
    );
    call.on('error', reject);
    call.end(bytes);
  });
}

async function expectRecorded(folder: string, ids: readonly string[]): Promise<void> {
  const queue = await openSqliteStore({ file: join(folder, 'sensigate.db') });
  for (const id of ids) assert.ok(await queue.records.find(id), `${id} was answered and is not recorded`);
  await queue.close();
}

/** The predictions that the service has been asked for, by their status in its log. */
const statusesOf = ({ lines }: Service): unknown[] =>
  lines.filter(({ route }) => route === '/v1/predictions').map(({ status }) => status);

describe('a service that is asked to stop', () => {
  it(
    'answers what is under way, ten at once, says that it is not ready, and ends with 0',
    onLinux,
    async () => {
      const DATA_DIR = await newDataDir();
      const service = await startService({ DATA_DIR, SHUTDOWN_DELAY_MS: '600000', LOG_LEVEL: 'debug' });
      const images = await samples(1);
      const goOn = halt(service);
      const calls = images.map(({ bytes }) => postAlone(service, bytes));
      const ready = await fetch(`${service.url}/readyz`);
      assert.equal(ready.status, 200);
      service.kill('SIGTERM');
      await says(service, 'stopping');
      // Not ready at once, while it still takes what comes before others have noticed.
      const refused = await fetch(`${service.url}/readyz`);
      assert.equal(refused.status, 503);
      assert.equal(refused.headers.get('connection'), 'close');
      assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
      goOn();
      const answers = await Promise.all(calls);
      assert.equal(answers.length, 10);
      for (const { status, connection } of answers) {
        assert.ok(status === 200 || status === 202);
        assert.equal(connection, 'close');
      }
      assert.equal((await postAlone(service, images[0]!.bytes)).connection, 'close');
      // A second signal does not wait for the delay, and cuts nothing that is not there.
      service.kill('SIGTERM');
      assert.equal(await service.ended, 0);
      await expectRecorded(
        DATA_DIR,
        answers.map(({ id }) => id),
      );
    },
  );

  it('loses nothing that it took under load, and leaves leases as they are', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR, SHUTDOWN_DELAY_MS: '300' });
    const images = await samples(2);
    const answered: string[] = [];
    let unanswered = 0;
    for (const { bytes } of images) answered.push((await post(service, bytes)).body.id);
    const claim = await fetch(`${service.url}/v1/reviews/claim`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"limit": 1}',
    });
    const [leased] = (await claim.json()) as { id: string; lease: string }[];
    let gone = false;
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let i = caller; !gone; i++) {
        try {
          const { status, id } = await postAlone(service, images[i % images.length]!.bytes);
          assert.ok(status === 200 || status === 202, `status ${status}`);
          answered.push(id);
        } catch (error) {
          // It does not listen any more.
          assert.match((error as NodeJS.ErrnoException).code ?? '', /^(ECONNREFUSED|ECONNRESET|EPIPE)$/);
          unanswered++;
          gone = true;
        }
      }
    });
    while (answered.length < 2 * images.length) await new Promise((resolve) => setTimeout(resolve, 5));
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
    await Promise.all(callers);
    assert.ok(unanswered > 0, 'the load went on until the service was gone');
    // What it took it answered: no request in its log is without an answer, and every answer arrived.
    const statuses = statusesOf(service);
    assert.deepEqual(
      statuses.filter((status) => status !== 200 && status !== 202),
      [],
    );
    assert.equal(statuses.length, answered.length);
    await expectRecorded(DATA_DIR, answered);

    const again = await startService({ DATA_DIR });
    const label = await fetch(`${again.url}/v1/reviews/${leased!.id}/label`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ label: 'Bag', lease: leased!.lease }),
    });
    assert.equal(label.status, 204);
    again.kill('SIGTERM');
    assert.equal(await again.ended, 0);
  });

  for (const [what, environment, again] of [
    ['when the grace period is over', { SHUTDOWN_GRACE_MS: '200' }, false],
    ['at a second signal', { SHUTDOWN_DELAY_MS: '600000', SHUTDOWN_GRACE_MS: '600000' }, true],
  ] as const) {
    it(`cuts off what is not done ${what}, says so, and ends with 1`, onLinux, async () => {
      const service = await startService({
        DATA_DIR: await newDataDir(),
        LOG_LEVEL: 'debug',
        ...environment,
      });
      const goOn = halt(service);
      const [image] = await samples(1);
      const call = postAlone(service, image!.bytes);
      const cut = assert.rejects(call);
      // The request is there when one that came later is answered.
      await fetch(`${service.url}/healthz`);
      service.kill('SIGTERM');
      await says(service, 'stopping');
      if (again) service.kill('SIGTERM');
      await cut;
      goOn();
      assert.equal(await service.ended, 1);
      assert.ok(service.lines.some(({ count, msg }) => count === 1 && String(msg).includes('cut off')));
    });
  }

  it('does not wait for an upload that never comes longer than the grace period, and ends with 0', async () => {
    const service = await startService({ DATA_DIR: await newDataDir(), SHUTDOWN_GRACE_MS: '200' });
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /v1/predictions HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 99\r\n\r\n',
    );
    await fetch(`${service.url}/healthz`);
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
  });

  it('does not wait for connections that idle, nor for those that bring no request', async () => {
    const service = await startService({ DATA_DIR: await newDataDir(), SHUTDOWN_GRACE_MS: '600000' });
    // fetch keeps its connection.
    assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const half = connect(Number(new URL(service.url).port), '127.0.0.1');
    half.on('error', () => undefined);
    half.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    await fetch(`${service.url}/healthz`);
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
  });
});

describe('a service that is asked to stop while it starts', () => {
  let server: OwnServer;
  before(async () => {
    server = await ownServer();
  });
  after(() => server.stop());

  it('ends with 0, also while it waits for another replica’s migration', async () => {
    const { url: DATABASE_URL } = await server.createSchema();
    const database = openPool(DATABASE_URL, 1);
    const locked = Promise.withResolvers<undefined>();
    const done = Promise.withResolvers<undefined>();
    const migrating = database.transaction(async (connection) => {
      await connection.run(
        { name: '', text: `SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`, parameters: [] },
        {},
      );
      locked.resolve(undefined);
      await done.promise;
    });
    await locked.promise;
    const child = spawn(process.execPath, [main, 'serve'], {
      env: {
        ...{
          PATH: process.env.PATH,
          PORT: '0',
          MODEL_DIR: fashionMnist,
          DATA_DIR: await newDataDir(),
          DATABASE_URL,
        },
        SHUTDOWN_GRACE_MS: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    // It waits for the lock now.
    const other = openPool(DATABASE_URL, 1);
    const waiting = {
      name: '',
      text: `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      parameters: [],
    };
    while ((await other.run(waiting, {})).rows.length === 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGTERM');
    while (!said.includes('while starting')) await new Promise((resolve) => setTimeout(resolve, 20));
    done.resolve(undefined);
    await migrating;
    await Promise.all([database.close(), other.close()]);
    const [code] = (await exited) as [number | null];
    assert.equal(code, 0);
  });
});
