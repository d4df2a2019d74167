import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { takeServiceLock } from '../../../src/store/sqlite/service-lock.ts';
import { temporaryFile } from './temporary-file.ts';

/** A process id that nobody has: of a process that has just ended. */
const ended = (): number => spawnSync(process.execPath, ['--eval', '']).pid;

it('a lock whose holder found no room to write its name does not name the one before', async (t) => {
  const file = await temporaryFile(t);
  const lock = takeServiceLock(file);
  assert.ok(lock.outcome === 'taken');
  lock.release();
  const holder = new SqliteDatabase(`${file}.lock`);
  holder.prepare('UPDATE holder SET pid = ?').run(ended());
  holder.exec('BEGIN IMMEDIATE');
  assert.deepEqual(takeServiceLock(file), { outcome: 'held', holder: null });
  holder.close();
});
