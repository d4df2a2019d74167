import { readConfig } from '../service/settings.ts';
import { openStore } from '../service/open-store.ts';

export const usage = `sensigate migrate

Brings the queue's schema forward to this version and ends. DATA_DIR or DATABASE_URL say of which queue. The service does the same at its
start; a job that does it first keeps replicas of a rollout from waiting for one another.`;

/** Brings the schema forward. Exit code 0 when it is this version's. */
export async function migrate(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    console.error(usage);
    return 2;
  }
  // Opening a queue is what brings it forward.
  const store = await openStore(readConfig(process.env));
  await store.close();
  console.log('the schema is that of this version');
  return 0;
}
