import { after } from 'node:test';
import { openPostgresStore } from '../../src/store/postgres/open.ts';
import { describeReviewQueue } from './contract.ts';
import { anyServer } from '../../support/postgres-server.ts';

const server = await anyServer();
after(() => server.stop());

describeReviewQueue('PostgreSQL', async (clock, limits = {}) => {
  const { url, drop } = await server.createSchema();
  return {
    open: () => openPostgresStore({ url, poolSize: 4, ...limits, now: () => clock.ms }),
    remove: drop,
  };
});
