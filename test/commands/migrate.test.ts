import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

it('sensigate migrate brings the schema forward, once and again, and ends', async (t) => {
  const DATA_DIR = await mkdtemp(join(tmpdir(), 'sensigate-test-'));
  t.after(() => rm(DATA_DIR, { recursive: true }));
  for (let run = 0; run < 2; run++) {
    const { status, stderr } = spawnSync(process.execPath, [main, 'migrate'], {
      env: { ...process.env, DATA_DIR },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }
  await access(join(DATA_DIR, 'sensigate.db'));
});
