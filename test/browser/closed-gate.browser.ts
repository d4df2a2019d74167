import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { endServices, fashionMnist, newDataDir, type Service, startService } from '../commands/service.ts';
import { startChromium } from './chromium.ts';
import { openPage } from './open-page.ts';
import { writePastAudits } from './past-audits.ts';
import { keysFile } from './service-with-items.ts';
import { violations } from './violations.ts';

describe('a gate that audits have closed', () => {
  let browser: Browser;
  let service: Service;
  before(async () => {
    const dataDir = await newDataDir();
    await writePastAudits(dataDir, join(fashionMnist, 'gate.json'), { days: 8, audits: 40, wrongEvery: 5 });
    browser = await startChromium();
    service = await startService({ DATA_DIR: dataDir, API_KEYS_FILE: await keysFile(), STREAMS: 'camera-1' });
  });
  after(() => browser.close());
  after(endServices);

  it('is shown to a lead with its proof, and opened again by one who says why', async () => {
    const { page, complaints } = await openPage(browser, service, { key: 'lead-key', view: '#lead' });
    await page.getByText('The gate is closed for other.').waitFor();
    await page.getByText('which proves that it breaks its promise').waitFor();
    await page.locator('.estimate .state.broken').waitFor();
    await page.getByLabel('Audits by stream').getByText('64 wrong of 320').waitFor();
    assert.deepEqual(await violations(page), []);
    if (process.env.SCREENSHOTS !== undefined)
      await page.screenshot({ path: join(process.env.SCREENSHOTS, 'closed-gate.png'), fullPage: true });
    const reopen = page.getByRole('button', { name: 'Reopen the gate' });
    assert.ok(await reopen.isDisabled());
    await page.getByLabel('What was done about it').fill('the lamp is repaired');
    await page.keyboard.press('Enter');
    await page.getByText('The gate is closed for other.').waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
    const trail = await fetch(`${service.url}/v1/audit-trail?act=gate_reopened`, {
      headers: { authorization: 'Bearer lead-key' },
    });
    const { entries } = (await trail.json()) as { entries: { who: string; detail: { why: string } }[] };
    assert.deepEqual(
      entries.map(({ who, detail }) => [who, detail.why]),
      [['lead', 'the lamp is repaired']],
    );
  });
});
