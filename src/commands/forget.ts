import { cliCaller } from '../command-line/caller.ts';
import { defineCommand } from '../command-line/command.ts';
import { flag, instant, text } from '../command-line/options.ts';
import { UsageError } from '../command-line/usage-error.ts';
import {
  databaseHelp,
  databaseOptions,
  readDatabaseSettings,
  withExistingStore,
} from '../service/command-store.ts';
import { EXIT } from '../service/exit-codes.ts';
import { findRecords, forgetRecords, inputHashOf } from '../service/forget-records.ts';
import { tellErased } from '../service/tell-erased.ts';

export const forget = defineCommand({
  description: [
    'Deletes predictions for good, by their ids or by what they are of: image, answer, opinions, label and ' +
      'item. The audit trail keeps what was done, by whom and when, without labels and notes. It may run ' +
      'beside the service.',
    'Labels that were exported, and backups, are where they were put.',
  ],
  operands: '[<id> …]',
  options: {
    input: text({ value: 'file', description: 'an image: all predictions of the same pixels' }),
    model: text({
      value: 'folder',
      description: 'of the model that read the image; wins over MODEL_DIR',
      shownDefault: 'the shipped models/fashion-mnist',
    }),
    caller: text({ value: 'id', description: 'all predictions that this key or JWT asked for' }),
    before: instant({
      value: 'time',
      description: 'only those of --input and --caller that were made before then',
    }),
    'dry-run': flag('prints the ids, and deletes nothing'),
    ...databaseOptions,
  },
  sections: databaseHelp,
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate forget 01KAR8Z5T3C7Q0W9V2N4M6B8XD',
  run: async ({ input, model, caller, before, 'dry-run': dryRun, ...database }, ids) => {
    if (ids.length === 0 && input === undefined && caller === undefined)
      throw new UsageError('expected ids of predictions, --input <file>, or --caller <id>');
    const settings = readDatabaseSettings(database);
    const inputHash =
      input === undefined
        ? null
        : await inputHashOf(input, model ?? settings.MODEL_DIR, settings.MAX_IMAGE_PIXELS);
    const filter =
      inputHash === null && caller === undefined
        ? null
        : {
            ...(inputHash === null ? {} : { inputHash }),
            ...(caller === undefined ? {} : { caller }),
            ...(before === undefined ? {} : { beforeMs: before }),
          };
    return withExistingStore(database, async (store) => {
      const { found, unknown } = await findRecords(store, { ids, filter });
      for (const id of unknown) console.error(`sensigate forget: there is no prediction ${id}`);
      if (dryRun) for (const id of found) console.log(id);
      else {
        const forgotten = await forgetRecords(store, found, cliCaller());
        tellErased('forget', await store.forgetting.erase());
        console.log(`${forgotten} predictions forgotten`);
      }
      return unknown.length === 0 ? EXIT.done : EXIT.failed;
    });
  },
});
