import { cliCaller } from '../command-line/caller.ts';
import { defineCommand } from '../command-line/command.ts';
import { duration } from '../command-line/options.ts';
import { databaseHelp, databaseOptions, withExistingStore } from '../service/command-store.ts';
import { EXIT } from '../service/exit-codes.ts';

export const retain = defineCommand({
  description: [
    'Deletes the images of items that were labelled or discarded longer ago than that, and the ' +
      'idempotency keys that are not known any more. Labels, records and histories are kept. It may run ' +
      'beside the service.',
  ],
  options: {
    'older-than': duration({ value: 'age', description: 'such as 30d, 12h or 90m' }),
    ...databaseOptions,
  },
  sections: databaseHelp,
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate retain --older-than 30d',
  run: async ({ 'older-than': ageMs, ...database }) =>
    withExistingStore(database, async ({ retention, trail }) => {
      const before = Date.now() - ageMs;
      const deleted = await retention.deleteImages(before);
      if (deleted > 0) {
        const detail = { images: deleted, decided_before: new Date(before).toISOString() };
        await trail.recordAct({ act: 'images_deleted', who: cliCaller(), detail });
      }
      const forgotten = await retention.forgetRequests();
      console.log(`${deleted} images and ${forgotten} idempotency keys deleted`);
      return EXIT.done;
    }),
});
