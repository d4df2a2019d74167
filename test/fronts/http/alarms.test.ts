import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { AlarmsAnswer } from '../../../src/wire/alarms.ts';
import type { Answer } from '../../../src/wire/answers.ts';
import { gate, grayPng, model } from './dark-or-light.ts';
import { expectProblem } from './expect-problem.ts';
import { keysOf } from './keys.ts';
import { bodyOf, type Changes, type Service, startService } from './service.ts';
import { startEngine } from '../../engine/start-engine.ts';

const [dark, light] = [await grayPng(0), await grayPng(255)];

/** Of a calibration where one image in a hundred was light. */
const watching = {
  ...gate,
  calibration: {
    ...gate.calibration,
    reference: { images: 2000, unfamiliar: null, tails: [], labels: [1980, 20] },
  },
};

function startWatching(t: TestContext, changes: Changes = {}): Promise<Service> {
  const engine = startEngine(model);
  t.after(() => {
    engine.close();
  });
  const served = { model, gate: () => watching };
  return startService(t, { engine, served, streams: ['camera-1', 'camera-2'], ...changes });
}

/** Sends as many images of a stream, 50 at a time. */
async function send({ post }: Service, image: Buffer, count: number, stream: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  while (answers.length < count) {
    const form = new FormData();
    for (let i = 0; i < Math.min(50, count - answers.length); i++)
      form.append('image', new Blob([new Uint8Array(image)]), 'a.png');
    const answered = await post(`/v1/predictions?stream=${stream}`, form);
    const body = await bodyOf<Answer | { predictions: Answer[] }>(answered);
    for (const one of 'predictions' in body ? body.predictions : [body]) answers.push(one);
  }
  return answers;
}

const alarmsOf = async ({ get }: Service): Promise<AlarmsAnswer> => bodyOf(await get('/v1/alarms'));

describe('the alarm for change', () => {
  it('is raised for the stream whose images have changed, says what, and is ended by a lead', async (t) => {
    const service = await startWatching(t);
    await send(service, dark, 200, 'camera-1');
    await send(service, dark, 200, 'camera-2');
    assert.deepEqual((await alarmsOf(service)).alarms, []);
    service.clock.ms += 60_000;
    await send(service, light, 50, 'camera-1');
    await send(service, dark, 50, 'camera-2');
    await service.checkAlarms();
    const { alarms, watched, on_shift: onShift, reason } = await alarmsOf(service);
    assert.equal(alarms.length, 1);
    const [{ stream, since, ended, finding }] = alarms as [AlarmsAnswer['alarms'][number]];
    assert.deepEqual([stream, ended, onShift, reason], ['camera-1', null, 'audit', null]);
    assert.equal(since, new Date(service.clock.ms).toISOString());
    assert.deepEqual([finding.kind, finding.label, finding.usual], ['label', 'light', 0.01]);
    assert.equal(finding.happened, finding.images);
    assert.deepEqual(watched.map((one) => one.stream).sort(), ['camera-1', 'camera-2', null]);

    const end = (stream: string | null) =>
      service.postJson('/v1/alarms/end', { stream, why: 'night is over' });
    await expectProblem(await end('camera-2'), 'no_alarm', 409);
    await expectProblem(await end(null), 'no_alarm', 409);
    assert.equal((await end('camera-1')).status, 204);
    const [now] = (await alarmsOf(service)).alarms;
    assert.equal(now!.ended?.why, 'night is over');
    const { entries } = await bodyOf<{ entries: { act: string; who: string | null }[] }>(
      await service.get('/v1/audit-trail'),
    );
    assert.deepEqual(
      entries.map(({ act }) => act).filter((act) => act.startsWith('alarm')),
      ['alarm_ended', 'alarm_raised'],
    );
  });

  it('changes no decision by itself', async (t) => {
    const service = await startWatching(t);
    const answers = await send(service, light, 150, 'camera-1');
    await service.checkAlarms();
    assert.equal((await alarmsOf(service)).alarms.length, 1);
    assert.ok(answers.every(({ decision }) => decision === 'auto'));
  });

  it('with ON_SHIFT=review has people get that stream as unfamiliar, and no other', async (t) => {
    const service = await startWatching(t, { onShift: 'review' });
    await send(service, light, 100, 'camera-1');
    const [changed] = await send(service, light, 1, 'camera-1');
    assert.deepEqual([changed!.decision, changed!.reasons, changed!.label], ['review', ['unfamiliar'], null]);
    assert.equal(changed!.prediction!.label, 'light');
    const [other] = await send(service, light, 1, 'camera-2');
    assert.deepEqual([other!.decision, other!.label], ['auto', 'light']);
    await service.postJson('/v1/alarms/end', { stream: 'camera-1', why: 'harmless' });
    const [after] = await send(service, light, 1, 'camera-1');
    assert.equal(after!.decision, 'auto');
  });

  it('cannot be where the gate does not say what its calibration was like, and says so', async (t) => {
    const service = await startService(t);
    const { alarms, watched, reason } = await alarmsOf(service);
    assert.deepEqual([alarms, watched], [[], []]);
    assert.match(reason ?? '', /Calibrate anew/);
  });

  it('is for leads alone', async (t) => {
    const { get, postJson } = await startWatching(t, { access: keysOf(['review']) });
    await expectProblem(await get('/v1/alarms', 'key-of-review'), 'forbidden', 403);
    const end = { stream: null, why: 'x' };
    await expectProblem(await postJson('/v1/alarms/end', end, 'key-of-review'), 'forbidden', 403);
  });
});
