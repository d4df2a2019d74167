import { defineCommand } from '../command-line/command.ts';
import { databaseHelp, databaseOptions, readDatabaseSettings } from '../service/command-store.ts';
import { openStore } from '../service/open-store.ts';
import { EXIT } from '../service/exit-codes.ts';

export const migrate = defineCommand({
  description: [
    'Makes the database where it is not there, or brings its schema forward to this version, and ends. ' +
      'The service does the same at its start; a job that does it first keeps replicas of a rollout from ' +
      'waiting for one another.',
  ],
  options: databaseOptions,
  sections: databaseHelp,
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate migrate',
  run: async (database) => {
    // Opening a database is what brings it forward.
    const store = await openStore(readDatabaseSettings(database));
    await store.close();
    console.log('the schema is that of this version');
    return EXIT.done;
  },
});
