// Makes the pictures of docs/screenshots: node test/browser/screenshots.ts
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { endServices, fashionMnist, newDataDir, post, samples, startService } from '../commands/service.ts';
import { startChromium } from './chromium.ts';
import { imageShown, labelByKey, openPage } from './open-page.ts';
import { writePastAudits } from './past-audits.ts';

const folder = fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

await mkdir(folder, { recursive: true });
const browser = await startChromium();
try {
  const dataDir = await newDataDir();
  await writePastAudits(dataDir, join(fashionMnist, 'gate.json'), { days: 28, audits: 40, wrongEvery: 71 });
  const service = await startService({ DATA_DIR: dataDir });
  for (const { bytes } of await samples(25)) await post(service, bytes);
  const shoot = async (page: Page, name: string): Promise<void> => {
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.context().close();
  };

  const light = (await openPage(browser, service, { ...DESK, colorScheme: 'light' })).page;
  await imageShown(light);
  for (const digit of '31459267') await labelByKey(light, digit);
  await light.keyboard.press('7');
  await light.getByText('Mine today8').waitFor();
  await shoot(light, 'label-light');

  const dark = (await openPage(browser, service, { ...DESK, colorScheme: 'dark' })).page;
  await imageShown(dark);
  await dark.keyboard.press('m');
  await dark.getByRole('img', { name: 'Sensitivity map' }).waitFor();
  await shoot(dark, 'label-dark-map');

  const phone = (await openPage(browser, service, { ...PHONE, colorScheme: 'light' })).page;
  await imageShown(phone);
  await phone.getByRole('radio', { name: 'Coat' }).tap();
  await shoot(phone, 'label-phone');

  const lead = (await openPage(browser, service, { ...DESK, colorScheme: 'light', view: '#lead' })).page;
  await lead.locator('.card').first().waitFor();
  await lead.getByRole('img', { name: /answers in 14 days/ }).waitFor();
  await lead.getByRole('img', { name: /^Estimated share of wrong automatic labels/ }).waitFor();
  await lead.waitForTimeout(1000);
  await shoot(lead, 'lead');
} finally {
  await browser.close();
  endServices();
}
