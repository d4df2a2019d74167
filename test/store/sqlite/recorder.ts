/**
 * A process to be killed: `node recorder.ts FILE` records without end, four at a time, and prints each id
 * once its promise has resolved.
 */
import { writeSync } from 'node:fs';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { prediction } from '../../../support/store-fixture.ts';
import { imageFor } from './recorded-image.ts';
import { recordOne } from '../../../support/record-one.ts';

const [file] = process.argv.slice(2);
const queue = await openSqliteStore({ file: file! });
let next = 0;

async function recordForever(): Promise<never> {
  for (;;) {
    const id = `item-${next++}`;
    await recordOne(queue, prediction({ id }), imageFor(id));
    // Synchronous, so that what was resolved is also printed when the process dies a moment later.
    writeSync(1, `${id}\n`);
  }
}

await Promise.all([recordForever(), recordForever(), recordForever(), recordForever()]);
