import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { LabelLine, Sealed } from '../../../src/wire/labels.ts';
import type { ClaimedItem } from '../../../src/wire/review-items.ts';
import { grayPng } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { bodyOf, NOON, type Service, startService } from './service.ts';

const stable = await grayPng(0);
const unclear = await grayPng(140);

/** One label by the machine, and one by a person a second later. */
async function labelled(t: TestContext): Promise<Service> {
  const service = await startService(t);
  await service.post('/v1/predictions', stable, 'image/png');
  await service.post('/v1/predictions', unclear, 'image/png');
  service.clock.ms += 1000;
  const [item] = await bodyOf<ClaimedItem[]>(await service.postJson('/v1/reviews/claim', {}));
  const request = { label: 'dark', lease: item!.lease, note: 'a "dim", one' };
  await service.putJson(`${item!.href}/label`, request);
  assert.equal((await seal(service)).sealed, 2);
  return service;
}

/** Seals what is final. */
async function seal(service: Service, request: object = {}): Promise<Sealed> {
  return bodyOf<Sealed>(await service.postJson('/v1/labels/seal', request));
}

async function lines(service: Service, query = ''): Promise<LabelLine[]> {
  const text = await (await service.get(`/v1/labels${query}`)).text();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as LabelLine);
}

describe('POST /v1/labels/seal', () => {
  it('seals what is final once, and says up to where', async (t) => {
    const service = await startService(t);
    assert.deepEqual(await seal(service), { sealed: 0, cursor: null });
    for (let i = 0; i < 3; i++) await service.post('/v1/predictions', stable, 'image/png');
    const { sealed, cursor } = await seal(service, { limit: 2 });
    assert.equal(sealed, 2);
    assert.equal((await lines(service)).at(-1)!.cursor, cursor);
    assert.equal((await seal(service)).sealed, 1);
    assert.equal((await seal(service)).sealed, 0);
    assert.equal((await lines(service, `?since=${cursor}`)).length, 1);
  });

  it('refuses a request that is not as described', async (t) => {
    const service = await startService(t);
    for (const request of [{ limit: 0 }, { since: '1' }, []])
      await expectProblem(await service.postJson('/v1/labels/seal', request), 'invalid_request', 400);
  });
});

describe('GET /v1/labels', () => {
  it('gives what is sealed alone, and changes nothing', async (t) => {
    const service = await startService(t);
    await service.post('/v1/predictions', stable, 'image/png');
    for (let i = 0; i < 2; i++) assert.deepEqual(await lines(service), []);
    assert.equal((await seal(service)).sealed, 1);
  });

  it('is not written down as an export where only its head is asked for', async (t) => {
    const service = await labelled(t);
    const response = await fetch(`${service.url}/v1/labels?format=csv`, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type')!, /^text\/csv/);
    const { entries } = await service.store.trail.read({ act: 'labels_exported', limit: 1 });
    assert.deepEqual(entries, []);
  });

  it('gives one object a line for the machine’s labels and people’s', async (t) => {
    const service = await labelled(t);
    const [machine, human] = await lines(service);
    assert.deepEqual(
      [machine!.source, machine!.label, machine!.reviewers, machine!.inclusion_probability],
      ['machine', 'dark', [], 0],
    );
    assert.deepEqual(
      [human!.source, human!.label, human!.predicted_label, human!.reviewers, human!.reasons],
      ['human', 'dark', 'light', ['local'], ['sensitive']],
    );
    assert.equal(human!.inclusion_probability, 1);
    assert.equal(human!.decided_at, new Date(NOON + 1000).toISOString());
    assert.match(human!.model_digest, /^sha256:/);
  });

  it('goes on behind a cursor', async (t) => {
    const service = await labelled(t);
    const [first, second] = await lines(service);
    assert.deepEqual(await lines(service, '?limit=1'), [first]);
    assert.deepEqual(await lines(service, `?since=${first!.cursor}`), [second]);
    assert.deepEqual(await lines(service, `?since=${second!.cursor}`), []);
  });

  it('gives the same as CSV, quoted where it must be', async (t) => {
    const service = await labelled(t);
    const response = await service.get('/v1/labels?format=csv');
    assert.match(response.headers.get('content-type')!, /^text\/csv/);
    const rows = (await response.text()).split('\r\n');
    assert.equal(rows.length, 4);
    assert.match(rows[0]!, /^cursor,id,label,source,reviewers,note,created_at,decided_at,reasons,/);
    assert.ok(rows[2]!.includes(',dark,human,local,"a ""dim"", one",'), rows[2]);
  });

  it('gives tasks that Label Studio imports', async (t) => {
    const service = await labelled(t);
    const tasks = await bodyOf<Record<string, never>[]>(await service.get('/v1/labels?format=label-studio'));
    const [machine, human] = tasks as unknown as {
      data: LabelLine & { image: string | null };
      predictions: { model_version: string; result: object[] }[];
      annotations: { was_cancelled: boolean; result: object[] }[];
    }[];
    assert.deepEqual(machine!.annotations, []);
    assert.equal(human!.data.image, `/v1/reviews/${human!.data.id}/image`);
    const chosen = { from_name: 'choice', to_name: 'image', type: 'choices' };
    assert.deepEqual(human!.annotations[0]!.result, [
      { id: 'label', ...chosen, value: { choices: ['dark'] } },
    ]);
    assert.deepEqual(human!.predictions[0]!.result, [
      { id: 'prediction', ...chosen, value: { choices: ['light'] } },
    ]);
  });

  it('is empty, and well-formed, where nothing is labelled', async (t) => {
    const service = await startService(t);
    assert.deepEqual(await lines(service), []);
    assert.deepEqual(await bodyOf(await service.get('/v1/labels?format=label-studio')), []);
  });

  it('refuses another format and a cursor that is none, before it begins', async (t) => {
    const service = await startService(t);
    await expectProblem(await service.get('/v1/labels?format=xml'), 'invalid_request', 400);
    await expectProblem(await service.get('/v1/labels?since=yesterday'), 'bad_cursor', 400);
  });
});
