/** Says on standard error where what was deleted is still in the database's log. */
export function tellErased(command: string, erased: boolean): void {
  if (erased) return;
  process.stderr.write(
    `sensigate ${command}: deleted, but another program reads the database, so that its log still has it; ` +
      'run the command again when that program is done\n',
  );
}
