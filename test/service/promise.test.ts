import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { WRONG_ENOUGH } from '../../support/audited-gate.ts';
import { type OwnServer, ownServer } from '../../support/postgres-server.ts';
import { endServices, newDataDir, post, samples, type Service, startService } from '../commands/service.ts';

interface Listed {
  readonly href: string;
  readonly reasons: readonly string[];
  readonly prediction: { readonly label: string };
}

let server: OwnServer;
before(async () => {
  server = await ownServer();
});
after(async () => {
  endServices();
  await server.stop();
});

const send = (service: Service, method: string, path: string, body: unknown): Promise<Response> =>
  fetch(service.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const metric = async ({ url }: Service, name: string): Promise<string[]> =>
  (await (await fetch(`${url}/metrics`)).text()).split('\n').filter((line) => line.startsWith(name));

const isReady = async ({ url }: Service): Promise<boolean> => (await fetch(`${url}/readyz`)).ok;

it('a proven break closes the gate on every replica, over a crash, until a lead reopens it', async () => {
  const { url: DATABASE_URL } = await server.createSchema();
  const start = async (): Promise<Service> =>
    startService({ DATABASE_URL, DATA_DIR: await newDataDir(), AUDIT_RATE: '1', GATE_CHECK_MS: '100' });
  const [here, there] = await Promise.all([start(), start()]);

  // An image that the gate lets through, sent until as many of its audits wait.
  const images = await samples(2);
  const answers = await Promise.all(images.map(({ bytes }) => post(here, bytes)));
  const stable = images[answers.findIndex(({ body }) => body.decision === 'auto')]!.bytes;
  const decides = async (service: Service) => {
    const { body } = await post(service, stable);
    return [body.decision, ...body.reasons];
  };
  for (let i = 0; i < WRONG_ENOUGH; i++) assert.deepEqual(await decides(here), ['auto']);

  // Reviewers find the machine wrong every time, and so does a lead.
  let wrong = 0;
  while (wrong < WRONG_ENOUGH) {
    const claimed = await send(here, 'POST', '/v1/reviews/claim', { limit: 1 });
    const [item] = (await claimed.json()) as { href: string; lease: string }[];
    if (item === undefined) continue;
    // There are no keys, so that whoever labels may look up what the item is.
    const list = await fetch(`${here.url}/v1/reviews?limit=100`);
    const { items } = (await list.json()) as { items: Listed[] };
    const { reasons, prediction } = items.find(({ href }) => href === item.href)!;
    const isAudit = reasons.includes('audit');
    const label = prediction.label === 'Bag' ? 'Coat' : 'Bag';
    const put = await send(here, 'PUT', `${item.href}/label`, { label, lease: item.lease });
    assert.equal(put.status, 204);
    if (!isAudit) continue;
    assert.equal((await send(here, 'POST', `${item.href}/settle`, { label })).status, 204);
    wrong++;
  }

  for (const service of [here, there]) {
    await until(async () => (await decides(service))[0] === 'review');
    assert.deepEqual(await decides(service), ['review', 'promise_broken']);
    assert.deepEqual(await metric(service, 'sensigate_gate_closed{'), [
      'sensigate_gate_closed{stream="all"} 1',
    ]);
    assert.ok(await isReady(service), 'people answer, so it is ready');
  }

  here.kill('SIGKILL');
  await here.ended;
  const again = await start();
  assert.deepEqual(await decides(again), ['review', 'promise_broken']);
  assert.ok(again.lines.some(({ msg }) => String(msg).startsWith('the gate is closed')));

  const reopened = await send(again, 'POST', '/v1/gate/reopen', { why: 'reviewers were mistaken' });
  assert.equal(reopened.status, 204);
  assert.deepEqual(await decides(again), ['auto']);
  await until(async () => (await decides(there))[0] === 'auto');
  assert.deepEqual(await metric(there, 'sensigate_gate_closed{'), ['sensigate_gate_closed{stream="all"} 0']);
  const trail = (await (await fetch(`${again.url}/v1/audit-trail`)).json()) as { entries: { act: string }[] };
  const acts = trail.entries.map(({ act }) => act).filter((act) => /gate_(closed|reopened)/.test(act));
  assert.deepEqual(acts, ['gate_reopened', 'gate_closed']);
});
