import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '../../src/dataset/dataset.ts';
import { DatasetError, type DatasetErrorCode } from '../../src/dataset/dataset-error.ts';
import { openDataset } from '../../src/dataset/open.ts';
import { createDecode } from '../../src/model/decode.ts';
import { ImageError } from '../../src/model/image-error.ts';
import { loadModel, type Model } from '../../src/model/load.ts';
import { grayImage } from '../prediction/gray-image.ts';
import { linearSoftmaxModel } from '../prediction/linear-softmax.ts';
import { idxBytes, idxPair, temporaryFolder, writeFiles } from './files.ts';

const model = await linearSoftmaxModel({
  height: 2,
  width: 2,
  labels: ['T-shirt/top', 'Bag', '7'],
  weights: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
  bias: [0, 0, 0],
});
const options = { maxPixels: 1_000_000 };
const png = await grayImage(2, [1, 2, 3, 4]);

const labelsOf = ({ images }: Dataset): number[] => images.map(({ label }) => label);
const kindsOf = ({ problems }: Dataset): string[] => problems.map(({ kind }) => kind);

async function refused(attempt: Promise<unknown>, code: DatasetErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof DatasetError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

describe('a folder of <label>/<file>', () => {
  it('takes folders that are called like labels but for case and punctuation, in the order of their names', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, { 'T-shirt-top/b.png': png, 'T-shirt-top/a.png': png, 'bag/c.png': png });
    const dataset = await openDataset(folder, model, options);
    assert.deepEqual(
      dataset.images.map(({ where, label }) => [where, label]),
      [
        [join(folder, 'T-shirt-top/a.png'), 0],
        [join(folder, 'T-shirt-top/b.png'), 0],
        [join(folder, 'bag/c.png'), 1],
      ],
    );
    assert.deepEqual([...(await dataset.images[0]!.read()).pixels], [1, 2, 3, 4]);
    assert.deepEqual(dataset.problems, []);
  });

  it('names a folder that is no label, a file beside the labels and a folder too deep', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, { 'Bag/a.png': png, 'Hat/a.png': png, 'Bag/deep/a.png': png, 'read.me': 'x' });
    const { problems } = await openDataset(folder, model, options);
    assert.deepEqual(
      problems.map(({ kind, where }) => [kind, where]),
      [
        ['unreadable_image', join(folder, 'Bag/deep')],
        ['unknown_label', join(folder, 'Hat')],
        ['unknown_label', join(folder, 'read.me')],
      ],
    );
    assert.match(problems[1]!.detail, /"T-shirt\/top", "Bag", "7".*1 files left out/);
  });

  it('is refused where none of it is called like a label', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, { 'train/Bag/a.png': png });
    await refused(openDataset(folder, model, options), 'bad_data', /called like the labels.*got "train"/);
  });

  it('reads the samples that are shipped', async () => {
    const shipped = fileURLToPath(new URL('../../models/fashion-mnist', import.meta.url));
    const dataset = await openDataset(join(shipped, 'samples'), await loadModel(shipped), options);
    assert.deepEqual(dataset.problems, []);
    assert.deepEqual(new Set(labelsOf(dataset)).size, 10);
    assert.equal((await dataset.images[0]!.read()).pixels.length, 28 * 28);
  });
});

describe('a CSV table', () => {
  it('takes names, classes, quotes, other columns and paths relative to itself', async (t) => {
    const folder = await temporaryFolder(t);
    const table = '\uFEFFlabel,who,path\nBag,ada,"in, here/a.png"\n0,ada,b.png\n\n7,ada,b.png\n';
    await writeFiles(folder, { 'table.csv': table, 'in, here/a.png': png });
    const dataset = await openDataset(join(folder, 'table.csv'), model, options);
    assert.deepEqual(labelsOf(dataset), [1, 0, 2], 'a name comes before a class');
    assert.deepEqual([...(await dataset.images[0]!.read()).pixels], [1, 2, 3, 4]);
    assert.equal(dataset.name, 'table.csv');
  });

  it('names each row whose label is unknown or whose path is empty', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, { 'table.csv': 'path,label\na.png,Hat\na.png,3\n,Bag\na.png,Bag\n' });
    const dataset = await openDataset(join(folder, 'table.csv'), model, options);
    assert.deepEqual(kindsOf(dataset), ['unknown_label', 'unknown_label', 'unreadable_image']);
    assert.match(dataset.problems[0]!.detail, /line 2 of table.csv says "Hat"/);
    assert.match(dataset.problems[1]!.detail, /line 3 .*a class from 0 to 2/);
  });

  it('gives an image that is missing or broken as an ImageError when it is read', async (t) => {
    const folder = await temporaryFolder(t);
    const rows = 'path,label\ngone.png,Bag\ncut.png,Bag\ntext.png,Bag\n';
    await writeFiles(folder, { 'table.csv': rows, 'cut.png': png.subarray(0, 50), 'text.png': 'text' });
    const { images } = await openDataset(join(folder, 'table.csv'), model, options);
    const codes = await Promise.all(
      images.map(({ read }) =>
        read().then(
          () => 'read',
          (error: unknown) => (error instanceof ImageError ? error.code : error),
        ),
      ),
    );
    assert.deepEqual(codes, ['unreadable_image', 'truncated_image', 'unsupported_image_type']);
  });

  for (const [what, text, message] of [
    ['without its header', 'a.png,Bag\n', /expected a first line with the columns path and label/],
    ['with a row too short', 'path,label\na.png\n', /field for each column.*line 2/],
    ['with a quote left open', 'path,label\n"a.png,Bag\n', /comma-separated/],
    ['without rows', 'path,label\n', /expected rows/],
    ['that is empty', '', /first line/],
  ] as const) {
    it(`is refused ${what}`, async (t) => {
      const folder = await temporaryFolder(t);
      await writeFiles(folder, { 'table.csv': text });
      await refused(openDataset(join(folder, 'table.csv'), model, options), 'bad_data', message);
    });
  }
});

describe('a JSONL table', () => {
  it('takes a name or a class as a number', async (t) => {
    const folder = await temporaryFolder(t);
    const rows =
      '{"path":"a.png","label":"bag","by":"ada"}\n\n{"path":"a.png","label":2}\n{"path":"a.png","label":7}';
    await writeFiles(folder, { 'table.jsonl': rows });
    const dataset = await openDataset(join(folder, 'table.jsonl'), model, options);
    assert.deepEqual(labelsOf(dataset), [1, 2]);
    assert.match(dataset.problems[0]!.detail, /line 4 of table.jsonl says 7/);
  });

  it('is refused with a line that is no JSON or has no label, which is named', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, {
      'a.jsonl': '{"path":"a.png","label":"Bag"}\n{"path":\n',
      'b.jsonl': '{"path":"a.png"}\n',
    });
    await refused(openDataset(join(folder, 'a.jsonl'), model, options), 'bad_data', /on line 2/);
    await refused(openDataset(join(folder, 'b.jsonl'), model, options), 'bad_data', /on line 1.*label/s);
  });
});

describe('IDX files', () => {
  const images = [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 8, 7, 6],
  ];

  it('give images and classes, of which one that the model lacks is a problem', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, idxPair(2, images, [2, 9, 0]));
    const path = join(folder, 'x-images-idx3-ubyte.gz');
    const dataset = await openDataset(path, model, options);
    assert.deepEqual(labelsOf(dataset), [2, 0]);
    assert.deepEqual(
      dataset.images.map(({ where }) => where),
      [`${path}#0`, `${path}#2`],
    );
    assert.deepEqual([...(await dataset.images[1]!.read()).pixels], images[2]);
    assert.deepEqual(
      dataset.problems.map(({ kind, where }) => [kind, where]),
      [['unknown_label', `${path}#1`]],
    );
  });

  it('are taken by a split, and with labels under another name', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, {
      'pictures.idx': idxBytes([3, 2, 2], images.flat()),
      'truth.idx': idxBytes([3], [0, 1, 2]),
      'splits.json': '{"indices":{"some":[2,0],"far":[3]}}',
    });
    const [data, labels] = [join(folder, 'pictures.idx'), join(folder, 'truth.idx')];
    const split = (name: string) => ({ ...options, labels, split: `${join(folder, 'splits.json')}:${name}` });
    const dataset = await openDataset(data, model, split('some'));
    assert.deepEqual(labelsOf(dataset), [2, 0]);
    assert.equal(dataset.name, 'pictures.idx splits.json:some');
    await refused(
      openDataset(data, model, split('other')),
      'bad_split',
      /no split "other"; it has some, far/,
    );
    await refused(openDataset(data, model, split('far')), 'bad_split', /less than 3.*got 3/);
    await refused(openDataset(data, model, options), 'bad_data', /name the file of labels/);
  });

  it('of another size become what a PNG of them decodes to', async (t) => {
    const folder = await temporaryFolder(t);
    const values = Array.from({ length: 36 }, (_, i) => 7 * i);
    await writeFiles(folder, idxPair(6, [values], [0]));
    for (const resize of [
      { rule: 'stretch', kernel: 'linear' },
      { rule: 'contain', kernel: 'cubic' },
      { rule: 'short_side', length: 3, kernel: 'linear' },
    ] as const) {
      for (const channels of ['gray', 'rgb'] as const) {
        const other = resizing(resize, channels);
        const dataset = await openDataset(join(folder, 'x-images-idx3-ubyte.gz'), other, options);
        const decode = createDecode(other.manifest, options.maxPixels);
        const expected = await decode(await grayImage(6, values));
        assert.deepEqual(await dataset.images[0]!.read(), expected, `${resize.rule} ${channels}`);
      }
    }
  });

  it('are refused cut short, without their labels, with too few labels, or with none in them', async (t) => {
    const folder = await temporaryFolder(t);
    const whole = idxPair(2, images, [0, 1, 2]);
    const { 'x-images-idx3-ubyte.gz': pictures, 'x-labels-idx1-ubyte.gz': labels } = whole;
    await writeFiles(folder, {
      'cut-images-idx3-ubyte.gz': pictures.subarray(0, 25),
      'cut-labels-idx1-ubyte.gz': labels,
      'few-images-idx3-ubyte': idxBytes([3, 2, 2], images.flat().slice(1)),
      'few-labels-idx1-ubyte': labels,
      'lone-images-idx3-ubyte.gz': pictures,
      'two-images-idx3-ubyte.gz': pictures,
      'two-labels-idx1-ubyte.gz': idxBytes([2], [0, 1]),
      'no-images-idx3-ubyte': idxBytes([0, 2, 2], []),
      'no-labels-idx1-ubyte': idxBytes([0], []),
    });
    const open = (name: string): Promise<Dataset> => openDataset(join(folder, name), model, options);
    await refused(open('cut-images-idx3-ubyte.gz'), 'bad_data', /unexpected end of file/);
    await refused(open('few-images-idx3-ubyte'), 'bad_data', /expected 12 bytes.*got 11/);
    await refused(open('lone-images-idx3-ubyte.gz'), 'bad_data', /lone-labels-idx1-ubyte.gz/);
    await refused(open('two-images-idx3-ubyte.gz'), 'bad_data', /has 3 images, but .* has 2 labels/);
    await refused(open('no-images-idx3-ubyte'), 'bad_data', /IDX file of none/);
  });
});

describe('openDataset', () => {
  it('refuses what is not there and what it does not know', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, { 'a.png': png, 'a.csv': 'path,label\na.png,Bag\n' });
    await refused(openDataset(join(folder, 'gone'), model, options), 'missing_data', /ENOENT/);
    await refused(openDataset(join(folder, 'a.png'), model, options), 'unknown_form', /begins with 89504e47/);
    const split = { ...options, split: 'splits.json:test' };
    await refused(openDataset(join(folder, 'a.csv'), model, split), 'bad_split', /only beside IDX/);
  });

  it('tells labels apart by their exact names where they differ in punctuation alone', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFiles(folder, { 'table.csv': 'path,label\na.png,C\na.png,C++\na.png,c\n' });
    const manifest = { ...model.manifest, labels: ['C', 'C++', 'D'] };
    const dataset = await openDataset(join(folder, 'table.csv'), { ...model, manifest }, options);
    assert.deepEqual(labelsOf(dataset), [0, 1]);
    assert.deepEqual(kindsOf(dataset), ['unknown_label']);
  });
});

function resizing(resize: Model['manifest']['input']['resize'], channels: 'gray' | 'rgb'): Model {
  const { input } = model.manifest;
  const C = channels === 'gray' ? 1 : 3;
  return {
    ...model,
    manifest: { ...model.manifest, input: { ...input, resize, channels, shape: ['n', C, 2, 2] } },
  };
}
