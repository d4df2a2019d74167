import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { filesUnder, runCommand } from './run-command.ts';
import { fashionMnist, newDataDir } from './service.ts';

const data = ['--data', join(fashionMnist, 'samples')];

/** What writes to a path that it is given, and whether that is to be a folder. */
const WRITERS = [
  { args: ['export', '--to'], folder: true },
  { args: ['backup', '--to'], folder: false },
  { args: ['evaluate', ...data, '--out'], folder: false },
  { args: ['evaluate', ...data, '--json'], folder: false },
  { args: ['calibrate', ...data, '--risk', '0.1', '--out'], folder: false },
  { args: ['calibrate', ...data, '--risk', '0.1', '--report'], folder: false },
  { args: ['calibrate', ...data, '--risk', '0.1', '--work'], folder: true },
] as const;

describe('a path that cannot be written', () => {
  for (const { args, folder } of WRITERS) {
    it(`is refused by ${args[0]} ${args.at(-1)!} before any work, in words`, async () => {
      const cwd = await newDataDir();
      await (await openSqliteStore({ file: join(cwd, 'sensigate.db') })).close();
      writeFileSync(join(cwd, 'file'), '');
      mkdirSync(join(cwd, 'folder'));
      const held = filesUnder(cwd);
      const odd = ['file/below', 'x'.repeat(300), ...(folder ? ['file'] : ['folder', 'nowhere/below', '.'])];
      for (const path of odd) {
        const environment = { DATA_DIR: cwd };
        const { code, out, err } = await runCommand([...args, path], { cwd, environment });
        assert.deepEqual([code, out], [2, ''], `${path}: ${err}`);
        assert.match(err, new RegExp(`expected ${args.at(-1)!} `));
        assert.doesNotMatch(err, /E[A-Z]{4,}|no such file/);
      }
      assert.deepEqual(filesUnder(cwd), held);
    });
  }
});
