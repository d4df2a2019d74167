import { defineCommand } from '../command-line/command.ts';
import { flag, required } from '../command-line/options.ts';
import { requireFile } from '../command-line/output-path.ts';
import { backUp } from '../service/back-up.ts';
import { databaseHelp, databaseOptions, readDatabaseSettings } from '../service/command-store.ts';
import { dumpCommandOf, sqliteFile } from '../service/open-store.ts';
import { EXIT } from '../service/exit-codes.ts';

export const backup = defineCommand({
  description: [
    'Copies the SQLite database, as it is at one moment, to one file, checks the copy and says what it ' +
      'holds. It may run beside the service. The file is there whole or not at all. To restore it stop the ' +
      'service, and put the file as sensigate.db into an empty folder that DATA_DIR names.',
    'PostgreSQL has its own tool: the command line of pg_dump is printed, and nothing is done.',
  ],
  options: {
    to: required({ value: 'file', description: 'the backup' }),
    force: flag('replaces the file where it is there'),
    ...databaseOptions,
  },
  sections: databaseHelp,
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate backup --to sensigate-2026-11-28.db',
  run: async ({ to, force, ...database }) => {
    const settings = readDatabaseSettings(database);
    const dump = dumpCommandOf(settings, to);
    if (dump !== null) {
      console.error(
        'sensigate backup: the database is PostgreSQL (DATABASE_URL); its own tool makes the backup:',
      );
      console.log(dump);
      return EXIT.wrong;
    }
    await requireFile('--to', to);
    const { predictions, images, rest, schemaVersion } = await backUp({
      from: sqliteFile(settings),
      to,
      replace: force,
    });
    if (rest === null) {
      console.log(
        `${to}: ${predictions} predictions; ${images} images; of the older schema version ${schemaVersion}; ` +
          'checked',
      );
      return EXIT.done;
    }
    const states = Object.entries(rest.items).map(([state, count]) => `${count} ${state}`);
    console.log(
      `${to}: ${predictions} predictions, items: ${states.join(', ')}; ${images} images, ${rest.labels} ` +
        'labels; checked',
    );
    return EXIT.done;
  },
});
