import { cliCaller } from '../command-line/caller.ts';
import { defineCommand } from '../command-line/command.ts';
import { age, duration, flag } from '../command-line/options.ts';
import { databaseHelp, databaseOptions, withExistingStore } from '../service/command-store.ts';
import { EXIT } from '../service/exit-codes.ts';
import { deleteOld } from '../service/forget-records.ts';
import { tellErased } from '../service/tell-erased.ts';

export const retain = defineCommand({
  description: [
    'Deletes the images of items that were labelled or discarded longer ago than that, and the ' +
      'idempotency keys that are not known any more. It may run beside the service.',
    'With --records it deletes whole records that were made longer ago than that: automatic answers, and ' +
      'items that are labelled or discarded, with image, answer, opinions and label, exported or not. What ' +
      'waits for people stays. Of histories the acts stay, without labels and notes.',
  ],
  options: {
    'older-than': duration({ value: 'age', description: 'such as 30d, 12h or 90m' }),
    records: age({ value: 'age', description: 'of whole records; they are kept where it is not given' }),
    vacuum: flag(
      'rewrites the SQLite file: needed once after releases up to 0.4, which did not overwrite what they ' +
        'deleted; all that write wait meanwhile',
    ),
    ...databaseOptions,
  },
  sections: databaseHelp,
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate retain --older-than 30d --records 365d',
  run: async ({ 'older-than': ageMs, records: recordAgeMs, vacuum, ...database }) =>
    withExistingStore(database, async ({ retention, forgetting, trail }) => {
      const who = cliCaller();
      const before = Date.now() - ageMs;
      const images = await retention.deleteImages(before);
      if (images > 0) {
        const detail = { images, decided_before: new Date(before).toISOString() };
        await trail.recordAct({ act: 'images_deleted', who, detail });
      }
      let records = 0;
      if (recordAgeMs !== undefined) {
        const createdBefore = Date.now() - recordAgeMs;
        records = await deleteOld(forgetting, createdBefore);
        if (records > 0) {
          const detail = { records, created_before: new Date(createdBefore).toISOString() };
          await trail.recordAct({ act: 'records_deleted', who, detail });
        }
      }
      const keys = await retention.forgetRequests();
      tellErased('retain', await forgetting.erase(vacuum));
      console.log(`${images} images, ${records} records and ${keys} idempotency keys deleted`);
      return EXIT.done;
    }),
});
