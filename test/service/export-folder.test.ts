import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { exportFolder, folderName } from '../../src/service/export-folder.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { imageOf, labelNext, prediction } from '../../support/store-fixture.ts';

const ALL = { humanOnly: false, who: 'ada' };

/** A queue with three items, and a folder that does not exist yet. */
async function prepare(t: TestContext): Promise<{ queue: Store; folder: string }> {
  const root = await mkdtemp(join(tmpdir(), 'sensigate-export-'));
  const queue = await openSqliteStore({ file: ':memory:' });
  t.after(async () => {
    await queue.close();
    await rm(root, { recursive: true });
  });
  for (const [i, id] of ['a', 'b', 'c'].entries())
    await queue.records.record(prediction({ id, priority: 3 - i }), imageOf(i));
  return { queue, folder: join(root, 'labels') };
}

const manifest = async (folder: string): Promise<Record<string, unknown>[]> =>
  (await readFile(join(folder, 'manifest.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('an exported folder', () => {
  it('writes each image into the folder of its label, and a line about it', async (t) => {
    const { queue, folder } = await prepare(t);
    await labelNext(queue, 'ada', 'T-shirt/top');
    await labelNext(queue, 'ada', 'Coat');
    assert.equal(await exportFolder(queue, folder, ALL), 2);
    assert.deepEqual((await readdir(folder)).sort(), ['Coat', 'T-shirt%2Ftop', 'manifest.jsonl']);
    assert.deepEqual([...(await readFile(join(folder, 'Coat/b.png')))], [1]);
    const lines = await manifest(folder);
    assert.deepEqual(
      lines.map(({ file, label, source }) => [file, label, source]),
      [
        ['T-shirt%2Ftop/a.png', 'T-shirt/top', 'human'],
        ['Coat/b.png', 'Coat', 'human'],
      ],
    );
  });

  it('adds what is new when it is run again, even where it was cut off in a line', async (t) => {
    const { queue, folder } = await prepare(t);
    await labelNext(queue, 'ada', 'Bag');
    await exportFolder(queue, folder, ALL);
    await appendFile(join(folder, 'manifest.jsonl'), '{"file":"Bag/é');
    await labelNext(queue, 'ada', 'Coat');
    assert.equal(await exportFolder(queue, folder, ALL), 1);
    assert.equal(await exportFolder(queue, folder, ALL), 0);
    assert.deepEqual(
      (await manifest(folder)).map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('names a file only where an image is kept', async (t) => {
    const { queue, folder } = await prepare(t);
    await queue.records.record(prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
    await exportFolder(queue, folder, ALL);
    assert.deepEqual(
      (await manifest(folder)).map(({ id, file }) => [id, file]),
      [['auto', null]],
    );
    assert.equal(await exportFolder(queue, `${folder}-human`, { ...ALL, humanOnly: true }), 0);
  });

  it('makes no label into a path', () => {
    for (const label of ['..', '.', '/etc', 'a/../../b', 'a\\b', '', ' x', 'C:'])
      assert.match(folderName(label), /^(?![. ])[^/\\:]+$/, label);
    assert.equal(folderName('Ankle boot'), 'Ankle boot');
  });
});
