import assert from 'node:assert/strict';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import type { GateFile } from '../../src/gate/gate.ts';
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

/** The shipped gate, as if all its certification images had been taken for the first label. */
async function gateThatKnowsOneLabel(): Promise<string> {
  const gate = JSON.parse(await readFile(join(fashionMnist, 'gate.json'), 'utf8')) as GateFile;
  const labels = [2000, ...new Array<number>(9).fill(0)];
  const reference = { images: 2000, unfamiliar: null, tails: [], labels };
  const path = join(await mkdtemp(join(tmpdir(), 'sensigate-gate-')), 'gate.json');
  await writeFile(path, JSON.stringify({ ...gate, calibration: { ...gate.calibration, reference } }));
  return path;
}

describe('the alarm for change', () => {
  let browser: Browser;
  let service: Service;
  before(async () => {
    browser = await startChromium();
    service = await startService({
      DATA_DIR: await newDataDir(),
      API_KEYS_FILE: await keysFile(),
      GATE_FILE: await gateThatKnowsOneLabel(),
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
