import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Connection, openPool } from '../../../src/store/postgres/connection.ts';
import { anyServer, type PostgresServer } from '../../../support/postgres-server.ts';

const plain = (text: string) => ({ name: '', text, parameters: [] });
const run = (connection: Connection, text: string) => connection.run(plain(text), {});

let server: PostgresServer;
before(async () => {
  server = await anyServer();
});
after(() => server.stop());

it('a transaction that PostgreSQL undoes for a deadlock is done again, whole', async () => {
  const { url } = await server.createSchema();
  const database = openPool(url, 4);
  try {
    await run(database, 'CREATE TABLE counts (id int PRIMARY KEY, count int NOT NULL)');
    await run(database, 'INSERT INTO counts VALUES (1, 0), (2, 0)');
    let [attempts, held] = [0, 0];
    const both = Promise.withResolvers<undefined>();
    const counting = (first: number, second: number): Promise<unknown> =>
      database.transaction(async (connection) => {
        attempts++;
        const count = (id: number) => run(connection, `UPDATE counts SET count = count + 1 WHERE id = ${id}`);
        await count(first);
        // Each holds what the other wants: one of the two must give way.
        if (++held === 2) both.resolve(undefined);
        await both.promise;
        await count(second);
      });
    await Promise.all([counting(1, 2), counting(2, 1)]);
    assert.equal(attempts, 3);
    const { rows } = await run(database, 'SELECT count FROM counts ORDER BY id');
    assert.deepEqual(rows, [{ count: 2 }, { count: 2 }]);
  } finally {
    await database.close();
  }
});
