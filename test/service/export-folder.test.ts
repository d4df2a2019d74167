import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { exportFolder } from '../../src/service/export-folder.ts';
import { folderName } from '../../src/service/label-folders.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import type { Store } from '../../src/store/store.ts';
import { imageOf, labelNext, prediction } from '../../support/store-fixture.ts';
import { recordOne } from '../../support/record-one.ts';

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
    await recordOne(queue, prediction({ id, priority: 3 - i }), imageOf(i));
  return { queue, folder: join(root, 'labels') };
}

/** Each is more than a folder's name can be, another's name, or no name on some system. */
const ODD_LABELS = [
  'a'.repeat(300),
  `${'a'.repeat(299)}b`,
  'あ'.repeat(31),
  '👩‍🔬'.repeat(40),
  'manifest.jsonl',
  'Manifest.JSONL',
  ...['CON', 'con', 'nul.txt', 'AUX .tar.gz', 'LPT9', 'COM1.', 'com¹'],
  ...['Dress', 'dress', 'DRESS'],
  ...['Caf\u00e9', 'Cafe\u0301', 'CAFÉ'],
  ...['..', '.', ' x', 'x ', 'x..', 'x. .', '%', '%25', '~', 'a~b', 'a/b', 'a\\b', 'C:', 'a\tb', '<>"|?*'],
];

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
    await recordOne(queue, prediction({ id: 'auto', decision: 'auto', reasons: [] }), null);
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

  it('exports every label, whatever a folder may be called, and has it whole in the manifest', async (t) => {
    const { queue, folder } = await prepare(t);
    for (const [i, label] of ODD_LABELS.entries()) {
      await recordOne(queue, prediction({ id: `odd-${i}`, priority: 100 - i }), imageOf(i));
      await labelNext(queue, 'ada', label);
    }
    assert.equal(await exportFolder(queue, folder, ALL), ODD_LABELS.length);
    const lines = await manifest(folder);
    assert.deepEqual(new Set(lines.map(({ label }) => label)), new Set(ODD_LABELS));
    const names = lines.map(({ file }) => dirname(String(file)));
    for (const name of names) {
      assert.ok(Buffer.byteLength(name) <= 255, name);
      assert.match(name, /^[\x20-\x7d~]+$/);
      assert.doesNotMatch(name, /^[. ]|[. ]$|[<>:"/\\|?*]/);
      assert.doesNotMatch(name, /^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)/i);
    }
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, ODD_LABELS.length);
    for (const { file } of lines) assert.ok(existsSync(join(folder, String(file))), String(file));
  });

  it('gives a label the same folder in every run, and leaves a file of that name alone', async (t) => {
    const { queue, folder } = await prepare(t);
    await mkdir(folder);
    await writeFile(join(folder, 'coat'), 'notes');
    const folders = new Map<string, unknown>();
    for (const [i, label] of ['dress', 'Dress', 'Coat', 'Dress', 'dress', 'Coat'].entries()) {
      await recordOne(queue, prediction({ id: `case-${i}`, priority: 100 - i }), imageOf(i));
      await labelNext(queue, 'ada', label);
      await exportFolder(queue, folder, ALL);
      const name = dirname(String((await manifest(folder)).at(-1)!['file']));
      assert.equal(name, folders.get(label) ?? name, label);
      folders.set(label, name);
    }
    assert.equal(new Set([...folders.values()].map((name) => String(name).toLowerCase())).size, 3);
    assert.equal(await readFile(join(folder, 'coat'), 'utf8'), 'notes');
  });
});
