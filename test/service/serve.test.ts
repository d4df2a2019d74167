import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { buildGraph, grayManifest, writeModel } from '../../support/onnx-graph.ts';
import {
  endServices,
  fashionMnist,
  newDataDir,
  post,
  refusedService,
  samples,
  type Service,
  startService,
} from '../commands/service.ts';

after(endServices);

/** A copy of the default model's folder without samples, to change. */
async function copyModel(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-model-'));
  for (const file of ['model.json', 'model.onnx', 'gate.json'])
    await copyFile(join(fashionMnist, file), join(folder, file));
  return folder;
}

async function changeJson(
  path: string,
  change: (json: Record<string, Record<string, unknown>>) => void,
): Promise<void> {
  const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, Record<string, unknown>>;
  change(json);
  await writeFile(path, JSON.stringify(json));
}

async function claim(service: Service, limit: number): Promise<{ id: string; lease: string }[]> {
  const response = await fetch(`${service.url}/v1/reviews/claim`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ limit, lease_seconds: 60 }),
  });
  return (await response.json()) as { id: string; lease: string }[];
}

describe('the service', () => {
  it('labels most samples rightly itself, reviews some, and says the same the second time', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    const images = await samples(5);
    const answers = await Promise.all(images.map(({ bytes }) => post(service, bytes)));
    const again = await Promise.all(images.map(({ bytes }) => post(service, bytes)));
    const auto = answers.filter(({ body }) => body.decision === 'auto');
    assert.ok(auto.length >= 30, `${auto.length} of 50 automatic`);
    for (const [i, { status, body }] of answers.entries()) {
      assert.equal(status, body.decision === 'auto' ? 200 : 202);
      assert.equal(body.label, body.decision === 'auto' ? body.prediction!.label : null);
      assert.equal(again[i]!.body.sensitivity!.value, body.sensitivity!.value);
      assert.equal(again[i]!.body.decision, body.decision);
    }
    service.kill('SIGTERM');
    assert.equal(await service.ended, 0);
  });

  it('gives the same pixels the same sensitivity in another file format', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    const { bytes } = (await samples(1))[0]!;
    const webp = await sharp(bytes).webp({ lossless: true }).toBuffer();
    const response = await fetch(`${service.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'image/webp' },
      body: new Uint8Array(webp),
    });
    const other = (await response.json()) as { sensitivity: { value: number } };
    assert.equal(other.sensitivity.value, (await post(service, bytes)).body.sensitivity!.value);
    service.kill('SIGTERM');
    await service.ended;
  });

  it('decides by the gate’s own measurement also when the exact one is asked for', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    const { bytes } = (await samples(1))[0]!;
    const estimate = await post(service, bytes);
    const exact = await post(service, bytes, '?method=exact');
    assert.equal(exact.body.sensitivity!.method, 'exact');
    assert.equal(exact.body.sensitivity!.probes, 784);
    assert.equal(exact.body.decision, estimate.body.decision);
    assert.equal(exact.body.signals.sensitivity, estimate.body.signals.sensitivity);
    service.kill('SIGTERM');
    await service.ended;
  });

  it('answers /healthz before an exact measurement that was asked for earlier is done', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    const images = await samples(1);
    const order: string[] = [];
    const exact = Promise.all(
      images.map(({ bytes }) => post(service, bytes, '?method=exact').then(() => order.push('exact'))),
    );
    for (let i = 0; i < 5; i++) {
      assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
      order.push('health');
    }
    await exact;
    assert.deepEqual(
      order.slice(0, 5),
      Array.from({ length: 5 }, () => 'health'),
    );
    service.kill('SIGTERM');
    await service.ended;
  });

  it('has every item that it answered 202 after kill -9, claimable and with its image intact', async () => {
    const DATA_DIR = await newDataDir();
    const first = await startService({ DATA_DIR, GATE_FILE: '/nowhere/gate.json' });
    const images = await samples(2);
    const answered = new Map<string, Buffer>();
    let asked = 0;
    const all = Promise.allSettled(
      images.map(async ({ bytes }) => {
        const { status, body } = await post(first, bytes);
        assert.equal(status, 202);
        answered.set(body.id, bytes);
        asked++;
        if (asked === 7) first.kill('SIGKILL');
      }),
    );
    await all;
    await first.ended;
    assert.ok(answered.size >= 7);

    const second = await startService({ DATA_DIR });
    const claimed = await claim(second, 100);
    for (const [id, bytes] of answered) {
      assert.ok(
        claimed.some((item) => item.id === id),
        `${id} is lost`,
      );
      const image = await fetch(`${second.url}/v1/reviews/${id}/image`);
      assert.deepEqual(Buffer.from(await image.arrayBuffer()), bytes);
    }
    second.kill('SIGTERM');
    await second.ended;
  });

  it('shows the person’s label on the prediction, and the map of its sensitivity', async () => {
    const service = await startService({ DATA_DIR: await newDataDir(), GATE_FILE: '/nowhere/gate.json' });
    const { bytes, label } = (await samples(1))[0]!;
    const { body } = await post(service, bytes);
    const [item] = await claim(service, 1);
    const put = await fetch(`${service.url}/v1/reviews/${item!.id}/label`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ label, lease: item!.lease }),
    });
    assert.equal(put.status, 204);
    const stored = (await (await fetch(`${service.url}/v1/predictions/${body.id}`)).json()) as {
      label: string;
      review: { state: string; labelled_by: string };
    };
    assert.equal(stored.label, label);
    assert.deepEqual([stored.review.state, stored.review.labelled_by], ['labelled', 'local']);
    const map = await fetch(`${service.url}/v1/reviews/${body.id}/sensitivity.png`);
    const { width, height, format } = await sharp(await map.arrayBuffer()).metadata();
    assert.deepEqual([map.status, width, height, format], [200, 28, 28, 'png']);
    service.kill('SIGTERM');
    await service.ended;
  });

  it('serves with every decision review, reason uncalibrated, when the gate is for another model', async () => {
    const folder = await copyModel();
    await changeJson(join(folder, 'gate.json'), (gate) => {
      gate.model!.digest = `sha256:${'0'.repeat(64)}`;
    });
    const service = await startService({ DATA_DIR: await newDataDir(), MODEL_DIR: folder });
    const { status, body } = await post(service, (await samples(1))[0]!.bytes);
    assert.equal(status, 202);
    assert.deepEqual(body.reasons, ['uncalibrated']);
    assert.ok(body.sensitivity!.value >= 0);
    assert.ok(service.lines.some(({ code, level }) => code === 'gate_for_another_model' && level === 'warn'));
    const gate = (await (await fetch(`${service.url}/v1/gate`)).json()) as { gate: null; reason: string };
    assert.match(gate.reason, /calibrate again/);
    service.kill('SIGTERM');
    await service.ended;
  });

  it('sends an input on which the model answers NaN to review as not measurable', async () => {
    // log(x − 0.5) is NaN for dark pixels.
    const graph = buildGraph({
      input: { name: 'x', shape: ['n', 1, 1, 2] },
      outputs: [{ name: 'z', shape: ['n', 2] }],
      constants: { half: { shape: [1], values: [0.5] } },
      nodes: [
        { op: 'Sub', inputs: ['x', 'half'], outputs: ['shifted'] },
        { op: 'Log', inputs: ['shifted'], outputs: ['log'] },
        { op: 'Flatten', inputs: ['log'], outputs: ['z'], attributes: { axis: 1 } },
      ],
    });
    const folder = await writeModel(grayManifest(1, 2, ['a', 'b']), graph);
    const service = await startService({ DATA_DIR: await newDataDir(), MODEL_DIR: folder });
    const image = (values: number[]): Promise<Buffer> =>
      sharp(Uint8Array.from(values), { raw: { width: 2, height: 1, channels: 1 } })
        .png()
        .toBuffer();
    const dark = await post(service, await image([0, 0]));
    assert.equal(dark.status, 202);
    assert.deepEqual(dark.body.reasons, ['uncalibrated', 'not_measurable']);
    assert.equal(dark.body.prediction, null);
    const bright = await post(service, await image([255, 200]));
    assert.equal(bright.body.prediction!.label, 'a');
    service.kill('SIGTERM');
    await service.ended;
  });

  it('sends what is not measured by its deadline to review as over budget', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    // 30, which are always admitted: more could be refused, being unlikely to be measured in time.
    const images = await samples(3);
    const answers = await Promise.all(images.map(({ bytes }) => post(service, bytes, '?deadline_ms=1')));
    const late = answers.filter(({ body }) => body.reasons.includes('over_budget'));
    assert.ok(late.length > 0);
    for (const { status, body } of late) {
      assert.equal(status, 202);
      assert.equal(body.label, null);
    }
    service.kill('SIGTERM');
    await service.ended;
  });
});

describe('a service that cannot start', () => {
  it('says which model file is missing', async () => {
    const { code, said } = await refusedService({ DATA_DIR: await newDataDir(), MODEL_DIR: '/nowhere' });
    assert.equal(code, 1);
    assert.match(said, /expected a manifest at \/nowhere\/model\.json/);
  });

  it('says that the manifest’s shape is not the graph’s', async () => {
    const folder = await copyModel();
    await changeJson(join(folder, 'model.json'), (manifest) => {
      manifest.input!.shape = ['n', 1, 32, 32];
    });
    const { code, said } = await refusedService({ DATA_DIR: await newDataDir(), MODEL_DIR: folder });
    assert.equal(code, 1);
    assert.match(said, /\["n",1,32,32\].*\["n",1,28,28\]/);
    await rm(folder, { recursive: true });
  });

  it('names every wrong environment variable at once', async () => {
    const { code, said } = await refusedService({ PORT: 'eighty', LOG_LEVEL: 'loud', QUEUE_LIMIT: '0' });
    assert.equal(code, 2);
    for (const line of [
      'PORT=eighty: expected a whole number from 0 to 65535',
      'LOG_LEVEL=loud: expected one of trace, debug',
      'QUEUE_LIMIT=0: expected a whole number from 1 to 1000000',
    ])
      assert.ok(said.includes(line), `${line} is not in ${said}`);
  });

  it('refuses an address that other machines reach while there are no keys', async () => {
    const { code, said } = await refusedService({ HOST: '0.0.0.0' });
    assert.equal(code, 2);
    assert.match(said, /needs API_KEYS_FILE or JWKS_URL/);
  });
});
