import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import {
  endServices,
  fashionMnist,
  newDataDir,
  post,
  samples,
  type Service,
  startService,
} from '../commands/service.ts';

after(endServices);

const metric = async ({ url }: Service, name: string): Promise<string[]> =>
  (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(name));

const gateOf = async ({ url }: Service): Promise<{ gate: { id: string } | null; refused: string | null }> =>
  (await (await fetch(`${url}/v1/gate`)).json()) as { gate: { id: string } | null; refused: string | null };

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

it('a service takes gates that appear and are replaced under load, each request by one, and refuses bad ones', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-gate-'));
  t.after(() => rm(folder, { recursive: true }));
  const GATE_FILE = join(folder, 'gate.json');
  const shipped = JSON.parse(await readFile(join(fashionMnist, 'gate.json'), 'utf8')) as {
    threshold: number;
  };
  const write = async (gate: object): Promise<void> => {
    await writeFile(`${GATE_FILE}.new`, JSON.stringify(gate));
    await rename(`${GATE_FILE}.new`, GATE_FILE);
  };
  // An hour between two looks: only SIGHUP brings one on.
  const service = await startService({
    DATA_DIR: await newDataDir(),
    GATE_FILE,
    GATE_CHECK_MS: '3600000',
  });
  const images = await samples(1);
  const { body } = await post(service, images[0]!.bytes);
  assert.deepEqual(body.reasons, ['uncalibrated']);

  await copyFile(join(fashionMnist, 'gate.json'), GATE_FILE);
  service.kill('SIGHUP');
  await until(async () => (await gateOf(service)).gate !== null);

  // All of an answer is of one gate: the threshold it shows, and the decision that follows from it.
  const strict = { ...shipped, signal: 'sensitivity', threshold: 0, sensitivity_limit: null };
  const seen = new Set<number>();
  const load = new AbortController();
  const loading = (async () => {
    while (!load.signal.aborted) {
      for (const answer of await Promise.all(images.map(({ bytes }) => post(service, bytes)))) {
        const { gate, decision } = answer.body as unknown as {
          gate: { threshold: number };
          decision: string;
        };
        seen.add(gate.threshold);
        if (gate.threshold === 0) assert.equal(decision, 'review');
        else assert.equal(gate.threshold, shipped.threshold);
      }
    }
  })();
  await until(() => seen.has(shipped.threshold));
  const former = (await gateOf(service)).gate!.id;
  await write(strict);
  service.kill('SIGHUP');
  await until(() => seen.has(0));
  load.abort();
  await loading;
  const { id } = (await gateOf(service)).gate!;
  assert.notEqual(id, former);
  assert.match((await metric(service, 'sensigate_gate_info')).join(), new RegExp(`id="${id}"`));
  assert.deepEqual(await metric(service, 'sensigate_gate_threshold'), [
    'sensigate_gate_threshold{signal="sensitivity"} 0',
  ]);

  // The trail is written beside the answers.
  const recorded = async (): Promise<(string | null)[]> => {
    const trail = (await (await fetch(`${service.url}/v1/audit-trail?act=gate_changed`)).json()) as {
      entries: { detail: { to: { id: string } | null } }[];
    };
    return trail.entries.map(({ detail }) => detail.to?.id ?? null);
  };
  await until(async () => (await recorded()).length === 2);
  assert.deepEqual(await recorded(), [id, former]);

  for (const [bad, code] of [
    [
      { ...shipped, model: { name: 'another', digest: `sha256:${'0'.repeat(64)}` } },
      'gate_for_another_model',
    ],
    [{ threshold: 1 }, 'bad_gate'],
  ] as const) {
    await write(bad);
    service.kill('SIGHUP');
    await until(() => service.lines.some((line) => line.code === code && line.gate === id));
  }
  const kept = await gateOf(service);
  assert.equal(kept.gate!.id, id);
  assert.ok(kept.refused);
  assert.deepEqual(await metric(service, 'sensigate_gate_reloads_total'), [
    'sensigate_gate_reloads_total{outcome="taken"} 2',
    'sensigate_gate_reloads_total{outcome="refused"} 2',
  ]);
  service.kill('SIGTERM');
  assert.equal(await service.ended, 0);
});

it('a service looks at its gate file by itself every GATE_CHECK_MS', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sensigate-gate-'));
  t.after(() => rm(folder, { recursive: true }));
  const GATE_FILE = join(folder, 'gate.json');
  const service = await startService({ DATA_DIR: await newDataDir(), GATE_FILE, GATE_CHECK_MS: '100' });
  assert.equal((await gateOf(service)).gate, null);
  await copyFile(join(fashionMnist, 'gate.json'), GATE_FILE);
  await until(async () => (await gateOf(service)).gate !== null);
  service.kill('SIGTERM');
  assert.equal(await service.ended, 0);
});
