import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { endServices, type Service } from '../commands/service.ts';
import { startChromium } from './chromium.ts';
import { imageShown, openPage } from './open-page.ts';
import { keysFile, serviceWithItems } from './service-with-items.ts';
import { violations } from './violations.ts';

const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

/** Whether something sticks out at the side. */
function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth);
}

describe('the page, for everyone', () => {
  let browser: Browser;
  let service: Service;
  before(async () => {
    browser = await startChromium();
    ({ service } = await serviceWithItems(20, { API_KEYS_FILE: await keysFile() }));
  });
  after(() => browser.close());
  after(endServices);

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe objects to, in ${colorScheme}`, async () => {
      const found: string[] = [];
      const signIn = await openPage(browser, service, { colorScheme });
      await signIn.page.getByLabel('API key').waitFor();
      for (const one of await violations(signIn.page)) found.push(one);

      const { page } = await openPage(browser, service, { colorScheme, key: 'lead-key' });
      await imageShown(page);
      for (const one of await violations(page)) found.push(one);
      await page.keyboard.press('5');
      await page.keyboard.press('m');
      await page.getByRole('img', { name: 'Sensitivity map' }).waitFor();
      for (const one of await violations(page)) found.push(one);
      await page.keyboard.press('?');
      for (const one of await violations(page)) found.push(one);
      await page.keyboard.press('Escape');

      await page.getByRole('link', { name: 'Lead' }).click();
      await page.locator('.card').first().waitFor();
      for (const one of await violations(page)) found.push(one);
      await page.locator('.card').first().press('Enter');
      await page.getByText('recorded').waitFor();
      for (const one of await violations(page)) found.push(one);
      assert.deepEqual(found, []);
    });
  }

  it('fits a phone, is worked by touch, and has nothing there that axe objects to', async () => {
    const { page } = await openPage(browser, service, { ...PHONE, key: 'lead-key' });
    await imageShown(page);
    assert.equal(await widthOf(page), 360);
    assert.deepEqual(await violations(page), []);
    await page.getByRole('radio', { name: 'Dress' }).tap();
    await page.getByRole('button', { name: 'Submit “Dress”' }).tap();
    await page.getByText('Mine today1').waitFor();
    await page.getByRole('link', { name: 'Lead' }).tap();
    await page.locator('.card').first().waitFor();
    assert.equal(await widthOf(page), 360);
    assert.deepEqual(await violations(page), []);
    await page.locator('.card').first().tap();
    await page.getByText('recorded').waitFor();
    assert.equal(await widthOf(page), 360);
    assert.deepEqual(await violations(page), []);
  });

  it('shows a lead whether the gate holds, with the interval, where the service says so', async () => {
    const { page } = await openPage(browser, service, { key: 'lead-key' });
    await imageShown(page);
    const audit = { state: 'holding', estimate: 0.012, interval: [0.006, 0.021], labels: 812, tests: [] };
    await page.route('**/v1/gate', async (route) => {
      const served = (await (await route.fetch()).json()) as object;
      await route.fulfill({ json: { ...served, audit } });
    });
    await page.getByRole('link', { name: 'Lead' }).click();
    await page.getByText('1.2% holding').waitFor();
    await page.getByText('with 95% confidence between 0.6% and 2.1%; 812 audited.').waitFor();
    assert.deepEqual(await violations(page), []);
  });

  it('lets a lead filter, reassign, and see what happened, by keyboard', async () => {
    const { page, complaints } = await openPage(browser, service, { key: 'lead-key', view: '#lead' });
    await page.locator('.card').first().waitFor();
    await page.getByLabel('State').selectOption('labelled');
    await page.locator('.card', { hasText: 'pending' }).first().waitFor({ state: 'detached' });
    await page.getByLabel('State').selectOption('pending');
    await page.getByLabel('Order').selectOption('most_sensitive');
    const card = page.locator('.card', { hasText: 'pending' }).first();
    await card.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByLabel('Reassign to').fill('bob');
    await page.keyboard.press('Enter');
    await page.getByText('It waits for bob first.').waitFor();
    await page.getByText('reassigned “bob” by lead').waitFor();
    await page.getByText('There is no audit estimate yet.').waitFor();
    assert.deepEqual(complaints, []);
  });
});
