import { cliCaller } from '../command-line/caller.ts';
import { defineCommand } from '../command-line/command.ts';
import { flag, required } from '../command-line/options.ts';
import { requireFolder } from '../command-line/output-path.ts';
import { databaseHelp, databaseOptions, withExistingStore } from '../service/command-store.ts';
import { exportFolder } from '../service/export-folder.ts';
import { EXIT } from '../service/exit-codes.ts';

export const exportCommand = defineCommand({
  description: [
    'Writes the final labels, and the images that are kept, as <folder>/<label>/<id>.<ext> with ' +
      'manifest.jsonl, for training. Final labels are sealed first: they can no longer be undone. Run ' +
      'again it goes on where it ended. It may run beside the service.',
  ],
  options: {
    to: required({ value: 'folder', description: 'where they are written; it is made as needed' }),
    human: flag("leaves out the machine's labels"),
    ...databaseOptions,
  },
  sections: databaseHelp,
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate export --to labels --human',
  run: async ({ to, human, ...database }) => {
    await requireFolder('--to', to);
    const written = await withExistingStore(database, (store) =>
      exportFolder(store, to, { humanOnly: human, who: cliCaller() }),
    );
    console.log(`${written} labels added to ${to}`);
    return EXIT.done;
  },
});
