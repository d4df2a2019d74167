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

describe('the audit over time', () => {
  let browser: Browser;
  let service: Service;
  before(async () => {
    const dataDir = await newDataDir();
    await writePastAudits(dataDir, join(fashionMnist, 'gate.json'), { days: 28, audits: 40, wrongEvery: 70 });
    browser = await startChromium();
    service = await startService({ DATA_DIR: dataDir, API_KEYS_FILE: await keysFile() });
  });
  after(() => browser.close());
  after(endServices);

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is drawn for leads, and said in words and figures, in ${colorScheme}`, async () => {
      const { page, complaints } = await openPage(browser, service, {
        key: 'lead-key',
        view: '#lead',
        colorScheme,
      });
      const { gate } = (await (
        await fetch(`${service.url}/v1/gate`, { headers: { authorization: 'Bearer lead-key' } })
      ).json()) as { gate: { calibration: { proven: { risk: number } } } };
      const promised = `${(gate.calibration.proven.risk * 100).toFixed(1)}%`;
      const chart = page.getByRole('img', { name: /^Estimated share of wrong automatic labels/ });
      await chart.waitFor();
      // 280 audits a week, every 70th of them wrong.
      const said = (await chart.getAttribute('aria-label'))!;
      assert.ok(said.includes(`promises at most ${promised}`), said);
      assert.match(said, /1\.4%, 0\.\d% to 3\.\d%; 4 wrong of 280 audited/);
      assert.equal(await chart.locator('circle').count(), 4);
      await page.getByText('Figures').click();
      assert.equal(await page.locator('.risk-figures tbody tr').count(), 4);
      assert.deepEqual(await violations(page), []);
      await page.getByLabel('Each').selectOption('day');
      await chart.locator('circle').nth(27).waitFor();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(complaints, []);
    });
  }
});
