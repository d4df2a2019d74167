import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../../../src/store/sqlite/database.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { by, idsOf, minuteMs } from '../../../support/store-fixture.ts';
import { imageFor } from './recorded-image.ts';
import { temporaryFile } from './temporary-file.ts';

const recorder = fileURLToPath(new URL('./recorder.ts', import.meta.url));

/**
 * Runs a recorder until it has acknowledged `count` records, kills it, and returns all that it acknowledged.
 */
async function recordUntilKilled(file: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [recorder, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const acknowledged: string[] = [];
  for await (const id of createInterface(child.stdout)) {
    acknowledged.push(id);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
  assert.equal(signal, 'SIGKILL', 'the recorder ended by itself');
  return acknowledged;
}

describe('the SQLite queue', () => {
  it('still has every acknowledged record after kill -9, image and all', async (t) => {
    const file = await temporaryFile(t);
    // Drawn anew in each run, so that over time the kill falls everywhere in the recorder's work.
    const count = 20 + Math.floor(Math.random() * 200);
    t.diagnostic(`killed after ${count} acknowledged records`);
    const acknowledged = await recordUntilKilled(file, count);
    const queue = await openSqliteStore({ file });
    const claimed = new Set(idsOf(await queue.reviewing.claim(by('ada', 1_000_000, minuteMs))));
    for (const id of acknowledged) {
      assert.deepEqual(await queue.images.get(id), imageFor(id), `the image of ${id}`);
      assert.ok(claimed.has(id), `${id} was acknowledged and cannot be claimed`);
    }
    await queue.close();
  });

  it('waits for the disk at every commit, so that a power cut loses nothing either', async (t) => {
    const db = openDatabase(await temporaryFile(t));
    const [synchronous, journal] = ['synchronous', 'journal_mode'].map((name) =>
      db.pragma(name, { simple: true }),
    );
    db.close();
    const full = 2;
    assert.equal(synchronous, full);
    assert.equal(journal, 'wal');
  });
});
