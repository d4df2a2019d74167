import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { createUniform } from '../../src/numerics/random.ts';
import { oneLabelGate } from '../../support/one-label-gate.ts';
import type { AlarmsAnswer } from '../../src/wire/alarms.ts';
import type { LeadItem } from '../../src/wire/review-items.ts';
import {
  endServices,
  fashionMnist,
  newDataDir,
  post,
  samples,
  type Service,
  startService,
} from '../commands/service.ts';

const gate = await oneLabelGate(fashionMnist);
const images = await samples(6);

after(endServices);

async function standing({ url }: Service): Promise<readonly (string | null)[]> {
  const { alarms } = (await (await fetch(`${url}/v1/alarms`)).json()) as AlarmsAnswer;
  return alarms.filter(({ ended }) => ended === null).map(({ stream }) => stream);
}

/** Sends the samples as a stream's; how many of them were automatic. */
async function send(service: Service, stream: string): Promise<number> {
  let automatic = 0;
  for (const { bytes } of images) {
    const { body } = await post(service, bytes, `?stream=${stream}`);
    if (body.decision === 'auto') automatic++;
  }
  return automatic;
}

/** Audits that wait, asked until there are as many or a minute has gone. */
async function auditsOf({ url }: Service, expected: number): Promise<number> {
  for (let i = 0; ; i++) {
    const answered = await fetch(`${url}/v1/reviews?reason=audit&limit=100`);
    const { items } = (await answered.json()) as { readonly items: readonly unknown[] };
    if (items.length >= expected || i === 240) return items.length;
    await sleep(250);
  }
}

async function metric({ url }: Service, name: string): Promise<string | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text.split('\n').find((line) => line.startsWith(name));
}

describe('an alarm of the service', () => {
  it('stands after kill -9, is in the metrics, and has what came since the change audited', async () => {
    const environment = {
      DATA_DIR: await newDataDir(),
      GATE_FILE: gate,
      STREAMS: 'camera-1,camera-2',
      AUDIT_RATE: '0.000001',
      ALARM_AUDIT_RATE: '1',
    };
    const service = await startService(environment);
    assert.match((await metric(service, 'sensigate_change_alarm{stream="camera-1"}')) ?? 'none', /none/);
    const automatic = await send(service, 'camera-1');
    assert.ok(automatic > 20, `${automatic} automatic labels`);
    assert.deepEqual(await standing(service), ['camera-1']);
    assert.match((await metric(service, 'sensigate_change_alarm{stream="camera-1"}'))!, / 1$/);
    // The first label is no news, and what was labelled as it before the change began is audited as before.
    const audits = await auditsOf(service, automatic - 6);
    assert.ok(audits >= automatic - 6 && audits <= automatic, `${audits} of ${automatic} are audited`);
    service.kill('SIGKILL');
    await service.ended;

    const again = await startService(environment);
    assert.deepEqual(await standing(again), ['camera-1']);
    again.kill('SIGTERM');
    assert.equal(await again.ended, 0);
  });

  it('is raised by pictures of noise with the shipped gate, and leads are told what is strange', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    const uniform = createUniform(Uint32Array.of(1, 2, 3, 4));
    for (let i = 0; i < 40; i++) {
      const raw = { width: 28, height: 28, channels: 1 } as const;
      const noise = Uint8Array.from({ length: 28 * 28 }, () => Math.floor(256 * uniform()));
      const { body } = await post(service, await sharp(noise, { raw }).png().toBuffer());
      assert.equal(body.decision, 'review');
      assert.ok(body.reasons.includes('unfamiliar'), body.reasons.join(' '));
    }
    assert.deepEqual(await standing(service), [null]);
    const listed = await fetch(`${service.url}/v1/reviews?reason=unfamiliar`);
    const { items } = (await listed.json()) as { readonly items: readonly LeadItem[] };
    assert.equal(items.length, 40);
    assert.ok(items.every(({ strange }) => strange.length > 0 && strange.length <= 3));
    service.kill('SIGTERM');
    await service.ended;
  });

  it('changes nothing where it is only to be told', async () => {
    const service = await startService({
      ...{ DATA_DIR: await newDataDir(), GATE_FILE: gate, ON_SHIFT: 'alert' },
      ...{ AUDIT_RATE: '0.000001', ALARM_AUDIT_RATE: '1' },
    });
    const automatic = await send(service, 'camera-1');
    assert.ok(automatic > 20, `${automatic} automatic labels`);
    assert.deepEqual(await standing(service), [null], 'without STREAMS all images are one');
    service.kill('SIGTERM');
    await service.ended;
    assert.ok(!service.lines.some(({ msg }) => String(msg).startsWith('more of the automatic labels')));
    assert.ok(service.lines.some(({ msg }) => String(msg).startsWith('alarm: images are no longer like')));
  });
});
