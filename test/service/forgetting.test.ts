import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import SqliteDatabase from 'better-sqlite3';
import { createUniform } from '../../src/numerics/random.ts';
import { runCommand } from '../commands/run-command.ts';
import { endServices, newDataDir, post, type Service, startService } from '../commands/service.ts';

after(endServices);

/** Everything goes to people, so that every image is kept. */
const NO_GATE = { GATE_FILE: '/nowhere/gate.json' };
const NOTE = 'a note about Mr Brown of Baker Street';

/** Noise, whose bytes stand in no other file. */
async function noise(seed: number): Promise<Buffer> {
  const uniform = createUniform(Uint32Array.of(seed, 1, 1, 1));
  const pixels = Uint8Array.from({ length: 150 * 150 }, () => uniform() * 256);
  return sharp(pixels, { raw: { width: 150, height: 150, channels: 1 } })
    .png()
    .toBuffer();
}

/** Bytes of the image in its middle and near both ends, and the texts. */
function marksOf(image: Buffer, texts: readonly string[] = []): Buffer[] {
  const starts = [100, Math.floor(image.length / 3), Math.floor(image.length / 2), image.length - 200];
  return [
    ...starts.map((start) => image.subarray(start, start + 24)),
    ...texts.map((text) => Buffer.from(text)),
  ];
}

/** Which of the marks stand in some file of the folder, the logs of the database among them. */
function found(folder: string, marks: readonly Buffer[]): number {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return marks.filter((mark) => files.some((file) => file.includes(mark))).length;
}

/** Records an image under a key, labels it with a note, and tells its marks. */
async function labelled(service: Service, folder: string, seed: number) {
  const image = await noise(seed);
  const send = () =>
    fetch(`${service.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'image/png', 'idempotency-key': `key-${seed}` },
      body: new Uint8Array(image),
    });
  const { id, review } = (await (await send()).json()) as { id: string; review: { href: string } };
  const claimed = await fetch(`${service.url}/v1/reviews/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ limit: 1, lease_seconds: 60 }),
  });
  const [claim] = (await claimed.json()) as { lease: string }[];
  const answered = await fetch(`${service.url}${review.href}/label`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ label: 'Coat', lease: claim!.lease, note: `${NOTE} ${seed}` }),
  });
  assert.equal(answered.status, 204, await answered.text());
  const db = new SqliteDatabase(join(folder, 'sensigate.db'), { readonly: true });
  const texts = db
    .prepare(
      'SELECT p.input_hash, k.fingerprint FROM predictions p, idempotency_keys k WHERE p.id = ? AND k.key = ?',
    )
    .raw()
    .get(id, `key-${seed}`) as string[];
  db.close();
  return { id, send, image, marks: marksOf(image, [`${NOTE} ${seed}`, ...texts]) };
}

describe('a forgotten prediction', () => {
  it('is in no byte of the data folder when DELETE is answered, and others are', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR, ...NO_GATE });
    const first = await labelled(service, DATA_DIR, 1);
    const second = await labelled(service, DATA_DIR, 2);
    assert.equal(found(DATA_DIR, first.marks), first.marks.length);
    const path = `${service.url}/v1/predictions/${first.id}`;
    assert.equal((await fetch(path, { method: 'DELETE' })).status, 204);
    assert.equal(found(DATA_DIR, first.marks), 0);
    assert.equal(found(DATA_DIR, second.marks), second.marks.length);

    for (const response of [await fetch(path), await fetch(path, { method: 'DELETE' }), await first.send()]) {
      assert.equal(response.status, 410);
      assert.equal(((await response.json()) as { code: string }).code, 'prediction_forgotten');
    }
    assert.equal((await fetch(path.replace(first.id, '01ARZ3NDEKTSV4RRFFQ69G5FAV'))).status, 404);
    assert.equal((await second.send()).headers.get('idempotency-replayed'), 'true');
    assert.equal((await fetch(`${service.url}/v1/labels/seal`, { method: 'POST' })).status, 200);
    const labels = await (await fetch(`${service.url}/v1/labels`)).text();
    assert.ok(labels.includes(second.id) && !labels.includes(first.id));
    const trail = (await (await fetch(`${service.url}/v1/audit-trail?act=forgotten`)).json()) as {
      entries: { item: string }[];
    };
    assert.deepEqual(
      trail.entries.map(({ item }) => item),
      [first.id],
    );
  });

  it('is in no byte of the data folder when a command is done, beside a service that runs', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR, ...NO_GATE });
    const byId = await labelled(service, DATA_DIR, 3);
    const byInput = await labelled(service, DATA_DIR, 4);
    const kept = await labelled(service, DATA_DIR, 5);
    const file = join(await newDataDir(), 'photo.png');
    writeFileSync(file, byInput.image);
    const run = (...args: string[]) => runCommand(['forget', ...args], { environment: { DATA_DIR } });

    const dry = await run('--input', file, '--dry-run');
    assert.deepEqual([dry.code, dry.out], [0, `${byInput.id}\n`]);
    const done = await run(byId.id, '--input', file);
    assert.deepEqual([done.code, done.out, done.err], [0, '2 predictions forgotten\n', '']);
    assert.equal(found(DATA_DIR, [...byId.marks, ...byInput.marks]), 0);
    assert.equal(found(DATA_DIR, kept.marks), kept.marks.length);
    const again = await run(byId.id, '01ARZ3NDEKTSV4RRFFQ69G5FAV');
    assert.deepEqual([again.code, again.out], [1, '0 predictions forgotten\n']);
    assert.match(again.err, /there is no prediction 01ARZ3NDEKTSV4RRFFQ69G5FAV/);
    assert.equal((await run()).code, 2);

    const retain = await runCommand(['retain', '--older-than', '0m', '--records', '0m'], {
      environment: { DATA_DIR },
    });
    assert.match(retain.out, /^1 images, 1 records and 0 idempotency keys deleted/);
    // The key of a request is known for a day, whose records are deleted or not.
    assert.equal(found(DATA_DIR, kept.marks.slice(0, -1)), 0);
  });

  it('is in no byte of the data folder when its image waited once for several, and all are forgotten', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR, ...NO_GATE });
    const image = await noise(7);
    const other = await noise(8);
    const [first, second] = [await post(service, image), await post(service, image)];
    assert.notEqual(first.body.id, second.body.id);
    assert.deepEqual(second.body.review, first.body.review);
    await post(service, other);
    const marks = marksOf(image);
    const forget = (id: string) => fetch(`${service.url}/v1/predictions/${id}`, { method: 'DELETE' });
    assert.equal((await forget(first.body.id)).status, 204);
    assert.equal(found(DATA_DIR, marks), marks.length);
    assert.equal((await forget(second.body.id)).status, 204);
    assert.equal(found(DATA_DIR, marks), 0);
    assert.equal(found(DATA_DIR, marksOf(other)), marks.length);
  });

  it('is every one of a caller where the command names it', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR, ...NO_GATE });
    const images = [await noise(9), await noise(10)];
    const ids: string[] = [];
    for (const image of images) ids.push((await post(service, image)).body.id);
    const run = (...args: string[]) => runCommand(['forget', ...args], { environment: { DATA_DIR } });
    assert.equal((await run('--caller', 'somebody', '--dry-run')).out, '');
    assert.equal((await run('--caller', 'local', '--before', '2020-01-01', '--dry-run')).out, '');
    // In the order of their ids, whose times are blurred.
    assert.equal((await run('--caller', 'local', '--dry-run')).out, `${ids.sort().join('\n')}\n`);
    const done = await run('--caller', 'local');
    assert.deepEqual([done.code, done.out, done.err], [0, '2 predictions forgotten\n', '']);
    for (const image of images) assert.equal(found(DATA_DIR, marksOf(image)), 0);
  });

  it('is gone with the file rewritten where an earlier release left bytes in free pages', async () => {
    const DATA_DIR = await newDataDir();
    const service = await startService({ DATA_DIR, ...NO_GATE });
    const image = await noise(6);
    const { body } = await post(service, image);
    service.kill('SIGTERM');
    await service.ended;
    const db = new SqliteDatabase(join(DATA_DIR, 'sensigate.db'));
    db.pragma('secure_delete = OFF');
    db.prepare('DELETE FROM images WHERE id = ?').run(body.id);
    db.close();
    const marks = marksOf(image);
    assert.ok(found(DATA_DIR, marks) > 0);
    const { code } = await runCommand(['retain', '--older-than', '1d', '--vacuum'], {
      environment: { DATA_DIR },
    });
    assert.equal(code, 0);
    assert.equal(found(DATA_DIR, marks), 0);
  });
});
