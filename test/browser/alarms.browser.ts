import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { oneLabelGate } from '../../support/one-label-gate.ts';
import {
  endServices,
  fashionMnist,
  newDataDir,
  post,
  samples,
  type Service,
  startService,
} from '../commands/service.ts';
import { startChromium } from './chromium.ts';
import { openPage } from './open-page.ts';
import { keysFile } from './service-with-items.ts';
import { violations } from './violations.ts';

describe('the alarm for change', () => {
  let browser: Browser;
  let service: Service;
  before(async () => {
    browser = await startChromium();
    service = await startService({
      DATA_DIR: await newDataDir(),
      API_KEYS_FILE: await keysFile(),
      GATE_FILE: await oneLabelGate(fashionMnist),
      STREAMS: 'camera-1,camera-2',
      ON_SHIFT: 'review',
    });
    for (const { bytes } of await samples(6)) await post(service, bytes, '?stream=camera-1', 'lead-key');
  });
  after(() => browser.close());
  after(endServices);

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is told to leads: where, since when, what, and the strangest images, in ${colorScheme}`, async () => {
      const options = { key: 'lead-key', view: '#lead', colorScheme };
      const { page, complaints } = await openPage(browser, service, options);
      const panel = page.locator('.alarms');
      await panel.getByText('Stream camera-1 alarm since').waitFor();
      const said = (await panel.textContent())!;
      assert.match(said, /More images are taken for .*: \d+ of \d+ images \(\d+%\), of calibration’s 0%/);
      assert.match(said, /All its images go to people/);
      assert.match(said, /All: \d+ looked at, .* of the way to an alarm\./);
      await panel.locator('.strangest button').first().waitFor();
      assert.deepEqual(await violations(page), []);
      await panel.locator('.strangest button').first().click();
      await page.getByText('recorded').waitFor();
      assert.deepEqual(complaints, []);
    });
  }

  it('is ended by a lead with a reason', async () => {
    const { page } = await openPage(browser, service, { key: 'lead-key', view: '#lead' });
    const panel = page.locator('.alarms');
    await panel.getByLabel('Why it ends').fill('other goods since today');
    await panel.getByRole('button', { name: 'End alarm' }).click();
    await panel.getByText('no alarm').waitFor();
    const trail = await fetch(`${service.url}/v1/audit-trail?act=alarm_ended`, {
      headers: { authorization: 'Bearer lead-key' },
    });
    const { entries } = (await trail.json()) as { entries: { who: string; detail: { why: string } }[] };
    assert.deepEqual([entries[0]!.who, entries[0]!.detail.why], ['lead', 'other goods since today']);
  });
});
