import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readMigrations } from '../../src/store/shared/migrations.ts';

const store = new URL('../../src/store/', import.meta.url);

/**
 * SHA-256 of each step, written down when it is first released. A change to the schema is a new step and a
 * new line.
 */
const RELEASED = {
  sqlite: {
    '001-predictions-and-items.sql': '05b97f904d9c7751417a010820830c50dfbce3e576b799b3c0e2ba9dc74bd9a1',
    '002-items-by-model.sql': '6922479f798feb0b98023475efc93d5d493ee963ef401e45224aff11138538e0',
    '003-opinions-outcomes-and-export.sql':
      '4e94019f5bf39be1634fd7e51664a38d485b9b8bf4c699d0b7ace6257a0a01e1',
    '004-undecided-opinions.sql': '1c84e8bdc22a539cf8d3b392940491de9feeaf5cb85b49286856a15affd71301',
    '005-idempotency-keys.sql': '395c7d059c189cb8b387e76eb660cf5e9efb11b1ffa6a8ca93597de54eba9b52',
    '006-audit-trail.sql': '4a38087be332eab26a667616817251587aceedff9cdc805aee2e8837e8e4e3f0',
    '007-forgetting.sql': 'abac50cc9aa845bf6ae498e88bac5d2e05e4a389106453a6052f442a54f9b644',
    '008-items-and-predictions-apart.sql': 'a4190902e3924ef128fecb8617f08c980cbd06f3f26121cf22d49a9f8879b579',
    '009-streams.sql': 'da443e0b2c1446f9eae2b3b9063b2a03eca8c2c78158db2ec80065f404317bdb',
    '010-change-alarms.sql': 'def47a039a96e43947d544109723958ce6af5c29f02c80044dcd02bdebab4bba',
    '011-gate-closings.sql': '125b2c2d67ee0778855f5d4203335910455df11ceff1f5f3ee443057951a2e3a',
    '012-findings.sql': '48d5b9e18dbb6877d1ae49d5d4917e6b1d80ec722fe1ac5f3bfa812605d3c973',
  },
  postgres: {
    '001-predictions-items-and-opinions.sql':
      '80068a9577646fd40889b2fdbe17a0fbdcfa1698fdf3ad968660227439c833f8',
    '002-undecided-opinions.sql': 'd2aee1b6a68f562cbe36286bcb905b1590d9783e022301863ac2bf59c1e6033a',
    '003-idempotency-keys.sql': 'e0fb27654df73e84629618e83260d0b2d9f6f045a6a2eb6300049cc726b5722b',
    '004-audit-trail.sql': '5654f8546c344060e50035243796c48e53745da4098afebea21a0d957e0dd866',
    '005-forgetting.sql': 'fe9a3bd224bf73590d612bff79dc9fb7078c3dc21e1b01b2d75a4bdf566e5557',
    '006-items-and-predictions-apart.sql': '769467c5ede08962a184b9d8780b65eb5e27105937dbe7aa2e3d05043c0173e1',
    '007-streams.sql': 'ee2b65529bcc580de745c538a449f0ca34b8d562250250b71a343b093f74940b',
    '008-change-alarms.sql': '7359448834e21bab92af3c8d30e1becf22af5af298ebd91e8e5dda58c8afd9ec',
    '009-gate-closings.sql': '7da46a7060569cdb355f1dcbc6db80461bd965d9a1896b193a2517f3c3493612',
    '010-findings.sql': 'd1eaa81885562442d041f7ba20ed90c69005dc22e5c21c518015f7d7642426d4',
  },
} as const;

async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-migrations-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return pathToFileURL(`${folder}/`);
}

describe('the steps of the schema', () => {
  for (const [database, released] of Object.entries(RELEASED)) {
    it(`of ${database} are, once they are released, never edited`, () => {
      const folder = new URL(`${database}/migrations/`, store);
      const hashOf = (name: string): string =>
        createHash('sha256')
          .update(readFileSync(new URL(name, folder)))
          .digest('hex');
      assert.deepEqual(Object.fromEntries(readdirSync(folder).map((name) => [name, hashOf(name)])), released);
    });
  }

  it('are read in the order of their numbers', async (t) => {
    const folder = await folderOf(t, { '002-b.sql': 'second', '010-j.sql': 'x', '001-a.sql': 'first' });
    assert.throws(() => readMigrations(folder), /expected step 003 next, got 010-j\.sql/);
    await rm(new URL('010-j.sql', folder));
    assert.deepEqual(readMigrations(folder), ['first', 'second']);
  });

  it('are refused where a number is missing, comes twice, or starts elsewhere than at 1', async (t) => {
    for (const names of [['001-a.sql', '003-c.sql'], ['001-a.sql', '001-b.sql'], ['000-a.sql']]) {
      const folder = await folderOf(t, Object.fromEntries(names.map((name) => [name, ''])));
      assert.throws(() => readMigrations(folder), /expected step/, names.join());
    }
  });

  it('are refused where a file has no number, so that none is left out without a word', async (t) => {
    for (const name of ['audit.sql', '2-b.sql', '002-b.sql.orig', 'notes.txt']) {
      const folder = await folderOf(t, { '001-a.sql': '', [name]: '' });
      assert.throws(() => readMigrations(folder), { message: new RegExp(`001-items\\.sql, got ${name}`) });
    }
  });

  it('are found from any working directory', () => {
    for (const database of Object.keys(RELEASED)) {
      const script = `
        import { migrations } from ${JSON.stringify(new URL(`${database}/migrate.ts`, store).href)};
        process.stdout.write(String(migrations().length));`;
      const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: tmpdir(),
      });
      assert.equal(Number(said), Object.keys(RELEASED[database as keyof typeof RELEASED]).length);
    }
  });
});
