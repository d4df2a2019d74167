import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { endServices, type Service, startService } from '../commands/service.ts';
import { startChromium } from './chromium.ts';
import { imageShown, labelByKey, openPage } from './open-page.ts';
import { itemsOf, keysFile, serviceWithItems } from './service-with-items.ts';

/** Takes everything that ann holds from her. */
async function reassignAll(service: Service): Promise<number> {
  const held = (await itemsOf(service, 'lead-key')).filter(({ reviewer }) => reviewer === 'ann');
  for (const { id } of held) {
    const response = await fetch(`${service.url}/v1/reviews/${id}/reassign`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer lead-key' },
      body: JSON.stringify({ to: 'bob' }),
    });
    assert.equal(response.status, 204);
  }
  return held.length;
}

describe('the page', () => {
  let browser: Browser;
  before(async () => (browser = await startChromium()));
  after(() => browser.close());
  after(endServices);

  it('says that a label was not recorded, because its lease was lost', async () => {
    const { service } = await serviceWithItems(10, { API_KEYS_FILE: await keysFile() });
    const { page, complaints } = await openPage(browser, service, { key: 'ann-key' });
    await imageShown(page);
    assert.equal(await reassignAll(service), 4);
    await page.keyboard.press('5');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('The label “Coat” was not recorded.').waitFor();
    assert.equal((await itemsOf(service, 'lead-key')).filter(({ state }) => state === 'labelled').length, 0);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('was not recorded').waitFor({ state: 'detached' });
    assert.deepEqual(complaints, []);
  });

  it('says that the item on screen went to somebody else, as soon as its renewal tells', async () => {
    const { service } = await serviceWithItems(10, { API_KEYS_FILE: await keysFile() });
    const { page } = await openPage(browser, service, { key: 'ann-key' });
    await imageShown(page);
    await page.clock.install();
    await page.reload();
    await imageShown(page);
    await page.keyboard.press('5');
    await reassignAll(service);
    await page.clock.runFor(61_000);
    await page.getByText('This item went to somebody else while it was open').first().waitFor();
    await page.getByText('Your choice, “Coat”, was not sent.').first().waitFor();
  });

  it('works on while the service is killed and started again, and loses nothing', async (t) => {
    const { service, environment } = await serviceWithItems(20);
    const { page } = await openPage(browser, service);
    await imageShown(page);
    for (let i = 0; i < 3; i++) await labelByKey(page, '5');
    await page.getByText('Mine today3').waitFor();

    // The next images are there: without a service none comes after the one on screen.
    await page.waitForLoadState('networkidle');
    service.kill('SIGKILL');
    await service.ended;
    // Those that are claimed ahead can be answered without the service.
    for (let i = 0; i < 3; i++) await labelByKey(page, '7');
    await page.getByText('3 answers are kept and will be sent.').waitFor();
    await page.keyboard.press('2');

    const again = await startService({ ...environment, PORT: new URL(service.url).port });
    const began = performance.now();
    await page.getByText('Mine today6').waitFor();
    t.diagnostic(`all sent ${((performance.now() - began) / 1000).toFixed(1)} s after the service was back`);
    const items = await itemsOf(again);
    assert.equal(items.filter(({ label }) => label === 'Coat').length, 3);
    assert.equal(items.filter(({ label }) => label === 'Shirt').length, 3);
    // What was chosen is still chosen.
    await page.getByRole('button', { name: 'Submit “Trouser”' }).waitFor();
    await labelByKey(page, '2');
    await page.getByText('Mine today7').waitFor();
  });

  it('that is reloaded while the service is away sends what it kept', async () => {
    const { service, environment } = await serviceWithItems(10);
    const { page } = await openPage(browser, service);
    await imageShown(page);
    // The next images are there: without a service none comes after the one on screen.
    await page.waitForLoadState('networkidle');
    service.kill('SIGKILL');
    await service.ended;
    await labelByKey(page, '7');
    await page.getByText('One answer is kept and will be sent.').waitFor();
    const again = await startService({ ...environment, PORT: new URL(service.url).port });
    await page.reload();
    await page.getByText('Mine today1').waitFor();
    assert.equal((await itemsOf(again)).filter(({ label }) => label === 'Shirt').length, 1);
  });
});
