import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Answer } from '../../../src/wire/answers.ts';
import type { GateAnswer } from '../../../src/wire/model.ts';
import type { ClaimedItem } from '../../../src/wire/review-items.ts';
import { WRONG_ENOUGH } from '../../../support/audited-gate.ts';
import { UNPROVEN } from '../../../support/unproven-gate.ts';
import { gate as darkGate, grayPng, model } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Changes, type Service, startService } from './service.ts';

const stable = await grayPng(0);
const unclear = await grayPng(128);
const gate = { ...darkGate, calibration: { ...UNPROVEN, proven: { risk: 0.1, confidence: 0.95 } } };
const PREDICT = 'key-of-predict';
const REVIEW = 'key-of-review';
const LEAD = 'key-of-admin';

const open = (t: TestContext, changes: Changes = {}): Promise<Service> =>
  startService(t, {
    auditRate: 1,
    access: keysOf(['predict'], ['review'], ['admin']),
    served: { model, gate: () => gate },
    ...changes,
  });

const predict = async (service: Service, image: Buffer = stable, query = ''): Promise<Answer> =>
  bodyOf<Answer>(await service.post(`/v1/predictions${query}`, image, 'image/png', PREDICT));

/** Has a reviewer say of so many answers what `label` says, and a lead where the machine is wrong. */
async function audit(service: Service, count: number, label: string, query = ''): Promise<void> {
  for (const item of await answered(service, count, label, query)) {
    if (label === 'dark') continue;
    const settled = await service.postJson(`${item.href}/settle`, { label }, LEAD);
    assert.equal(settled.status, 204);
  }
}

/** Has one reviewer alone say it; the items. */
async function answered(
  service: Service,
  count: number,
  label: string,
  query = '',
): Promise<readonly ClaimedItem[]> {
  const items: ClaimedItem[] = [];
  for (let i = 0; i < count; i++) await predict(service, stable, query);
  await service.settleAudits();
  for (let i = 0; i < count; i++) {
    service.clock.ms += 1000;
    const [item] = await bodyOf<ClaimedItem[]>(
      await service.postJson('/v1/reviews/claim', { limit: 1 }, REVIEW),
    );
    const put = await service.putJson(`${item!.href}/label`, { label, lease: item!.lease }, REVIEW);
    assert.equal(put.status, 204);
    items.push(item!);
  }
  return items;
}

const gateOf = async (service: Service, key = LEAD): Promise<GateAnswer> =>
  bodyOf<GateAnswer>(await service.get('/v1/gate', key));

async function untilClosed(service: Service): Promise<void> {
  while ((await gateOf(service)).closed!.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a gate that audits prove wrong', () => {
  it('decides on while audits agree with it, and says that it holds', async (t) => {
    const service = await open(t);
    await audit(service, 48, 'dark');
    const { audit: report, closed } = await gateOf(service);
    assert.deepEqual([report!.state, closed], ['holding', []]);
    const [all] = report!.tests;
    assert.deepEqual([all!.stream, all!.labels, all!.errors, all!.broken_since], [null, 48, 0, null]);
    assert.equal((await predict(service)).decision, 'auto');
  });

  it('is not said to hold while what one person alone has found could end that', async (t) => {
    const service = await open(t);
    await audit(service, 48, 'dark');
    await predict(service);
    await service.settleAudits();
    const claimed = await service.postJson('/v1/reviews/claim', { limit: 1 }, REVIEW);
    const [{ href, lease }] = await bodyOf<[ClaimedItem]>(claimed);
    await service.putJson(`${href}/label`, { label: 'light', lease }, REVIEW);
    const { state, errors, unjudged } = (await gateOf(service)).audit!;
    assert.deepEqual([state, errors, unjudged.unconfirmed], ['too_few_labels', 0, 1]);
  });

  it('is not closed by one reviewer alone, and is not said to hold while so much is doubted', async (t) => {
    const service = await open(t);
    await audit(service, 48, 'dark');
    assert.equal((await gateOf(service)).audit!.state, 'holding');
    await answered(service, WRONG_ENOUGH, 'light');
    const { audit: report, closed } = await gateOf(service);
    assert.deepEqual([report!.state, closed], ['too_few_labels', []]);
    assert.deepEqual(report!.unjudged, { unconfirmed: WRONG_ENOUGH, unreadable: 0, discarded: 0 });
    assert.deepEqual([report!.tests[0]!.labels, report!.tests[0]!.errors], [48, 0]);
    assert.equal((await predict(service)).decision, 'auto');
  });

  it('sends everything to people from the proof on, with its reason, and still measures', async (t) => {
    const service = await open(t);
    await audit(service, WRONG_ENOUGH, 'light');
    await untilClosed(service);
    const answer = await predict(service);
    assert.deepEqual([answer.decision, answer.reasons, answer.label], ['review', ['promise_broken'], null]);
    assert.ok(answer.signals.sensitivity !== undefined && answer.prediction?.label === 'dark');
    assert.deepEqual((await predict(service, unclear)).reasons, ['sensitive', 'promise_broken']);
    const { audit: report, closed } = await gateOf(service);
    assert.equal(report!.state, 'broken');
    assert.ok(report!.tests[0]!.evidence >= 1 && report!.tests[0]!.e_value > 20);
    assert.equal(closed![0]!.errors, closed![0]!.labels);
    assert.equal(closed![0]!.stream, null);
    assert.ok(Date.parse(closed![0]!.since) >= Date.parse(report!.tests[0]!.broken_since!));
  });

  it('tells callers who are no leads nothing of audits or closings', async (t) => {
    const service = await open(t);
    await audit(service, WRONG_ENOUGH, 'light');
    await untilClosed(service);
    for (const key of [PREDICT, REVIEW]) {
      const { audit: report, closed } = await gateOf(service, key);
      assert.deepEqual([report, closed], [null, null]);
    }
  });

  it('decides again when a lead reopens it, who and why standing in the trail', async (t) => {
    const service = await open(t);
    await audit(service, WRONG_ENOUGH, 'light');
    await untilClosed(service);
    service.clock.ms += 1000;
    const why = 'the lamp is repaired';
    const reopened = await service.postJson('/v1/gate/reopen', { why }, LEAD);
    assert.equal(reopened.status, 204);
    assert.equal((await predict(service)).decision, 'auto');
    const { audit: report, closed } = await gateOf(service);
    assert.deepEqual([report!.state, report!.tests[0]!.labels, closed], ['too_few_labels', 0, []]);
    const trail = await bodyOf<{ entries: { act: string; who: string | null; detail: object }[] }>(
      await service.get('/v1/audit-trail?act=gate_reopened', LEAD),
    );
    assert.deepEqual(
      trail.entries.map(({ act, who, detail }) => [act, who, detail]),
      [['gate_reopened', 'admin', { gate: gate.id, stream: null, why }]],
    );
    await expectProblem(await service.postJson('/v1/gate/reopen', { why }, LEAD), 'gate_not_closed', 409);
  });

  it('is closed for the stream that breaks the promise alone, where streams are told apart', async (t) => {
    const service = await open(t, { streams: ['camera-1', 'camera-2'] });
    await audit(service, 10, 'dark', '?stream=camera-2');
    await audit(service, WRONG_ENOUGH, 'light', '?stream=camera-1');
    await untilClosed(service);
    const decided = async (query: string) => (await predict(service, stable, query)).decision;
    assert.equal(await decided('?stream=camera-1'), 'review');
    for (const query of ['?stream=camera-2', '?stream=camera-3', ''])
      assert.equal(await decided(query), 'auto');
    const { audit: report, closed } = await gateOf(service);
    assert.deepEqual(
      closed!.map(({ stream }) => stream),
      ['camera-1'],
    );
    const states = report!.tests.map(({ stream, state, labels }) => [stream, state, labels]);
    assert.deepEqual(Object.fromEntries(states.map(([stream, ...rest]) => [String(stream), rest])), {
      'camera-1': ['broken', WRONG_ENOUGH],
      'camera-2': ['too_few_labels', 10],
      null: ['too_few_labels', 10],
    });
    service.clock.ms += 1000;
    const body = { why: 'the lamp is repaired' };
    await expectProblem(await service.postJson('/v1/gate/reopen', body, LEAD), 'gate_not_closed', 409);
    const reopened = await service.postJson('/v1/gate/reopen', { ...body, stream: 'camera-1' }, LEAD);
    assert.equal(reopened.status, 204);
    assert.equal(await decided('?stream=camera-1'), 'auto');
  });

  it('is reopened by leads alone, who say why', async (t) => {
    const service = await open(t);
    const body = { why: 'it looks well' };
    for (const key of [PREDICT, REVIEW])
      await expectProblem(await service.postJson('/v1/gate/reopen', body, key), 'forbidden', 403);
    for (const wrong of [{}, { why: '' }, { why: '  ' }, { ...body, stream: '' }])
      await expectProblem(await service.postJson('/v1/gate/reopen', wrong, LEAD), 'invalid_request', 400);
    await expectProblem(await service.postJson('/v1/gate/reopen', body, LEAD), 'gate_not_closed', 409);
  });
});
