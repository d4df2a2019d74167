import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { endServices } from '../commands/service.ts';
import { startChromium } from './chromium.ts';
import { imageShown, labelByKey, nextImageTimes, openPage } from './open-page.ts';
import { itemsOf, keysFile, serviceWithItems } from './service-with-items.ts';
import { violations } from './violations.ts';

const LABELS = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag'];

describe('a reviewer', () => {
  let browser: Browser;
  before(async () => (browser = await startChromium()));
  after(() => browser.close());
  after(endServices);

  it('labels fifty items by keyboard alone', async (t) => {
    const { service } = await serviceWithItems(60);
    const { page, complaints } = await openPage(browser, service);
    await imageShown(page);
    for (let i = 0; i < 50; i++) await labelByKey(page, `${(i % 9) + 1}`);
    const times = (await nextImageTimes(page)).sort((a, b) => a - b);
    const at = (share: number): string => times[Math.floor(share * (times.length - 1))]!.toFixed(0);
    t.diagnostic(`key to next image painted: median ${at(0.5)} ms, 95% ${at(0.95)} ms, most ${at(1)} ms`);

    await page.getByText('Mine today50').waitFor();
    const labelled = (await itemsOf(service)).filter(({ state }) => state === 'labelled');
    const given = LABELS.map((label) => labelled.filter((item) => item.label === label).length);
    assert.deepEqual(given, [6, 6, 6, 6, 6, 5, 5, 5, 5]);
    assert.deepEqual(complaints, []);
  });

  it('skips, discards and takes back by key, and sets another key', async () => {
    const { service } = await serviceWithItems(10);
    const { page, complaints } = await openPage(browser, service);
    await imageShown(page);
    await page.keyboard.press('s');
    await page.keyboard.press('d');
    await page.keyboard.press('3');
    await page.keyboard.press('Enter');
    await page.getByText('Mine today2').waitFor();
    await page.keyboard.press('u');
    await page.getByText('Taken back: “Pullover”.').waitFor();
    await page.keyboard.press('u');
    await page.getByText('Taken back: unusable.').waitFor();
    await page.getByText('Mine today0').waitFor();

    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Skip: see it again later: S. Change' }).press('Enter');
    await page.keyboard.press('u');
    await page.getByText('U is taken by: Take the last answer back.').waitFor();
    await page.keyboard.press('y');
    await page.getByText('Skip: see it again later is on Y now.').waitFor();
    await page.keyboard.press('Escape');
    const skipped = page.waitForResponse(/\/skip$/);
    await page.keyboard.press('y');
    assert.equal((await skipped).status(), 204);
    assert.deepEqual(complaints, []);
  });

  it('says by key or button that no label fits, or that nobody could tell, and takes it back', async () => {
    const { service } = await serviceWithItems(10);
    const { page, complaints } = await openPage(browser, service);
    await imageShown(page);
    await page.keyboard.press('x');
    await page.getByText('Mine today1').waitFor();
    await page.getByRole('button', { name: 'Unreadable' }).click();
    await page.getByText('Mine today2').waitFor();
    const findings = (await itemsOf(service)).map(({ finding }) => finding).filter((one) => one !== null);
    assert.deepEqual(findings.sort(), ['none_of_these', 'unreadable']);
    await page.keyboard.press('u');
    await page.getByText('Taken back: unreadable.').waitFor();
    await page.keyboard.press('u');
    await page.getByText('Taken back: none of these.').waitFor();
    await page.getByRole('button', { name: 'None of these' }).click();
    await page.getByText('Mine today1').waitFor();
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(complaints, []);
  });

  it('is heard as soon as the page says so, however busy the machine is', async () => {
    const { service } = await serviceWithItems(1);
    const { page } = await openPage(browser, service);
    await imageShown(page);
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Skip: see it again later: S. Change' }).press('Enter');
    // Each key comes in the very task in which the page changed, before it is painted.
    const heard = await page.evaluate(
      () =>
        new Promise<{ escapeIsFree: boolean }>((resolve) => {
          const press = (key: string) =>
            window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
          const changed = new MutationObserver(() => {
            if (!document.body.textContent.includes('Skip: see it again later is on Y now.')) return;
            changed.disconnect();
            resolve({ escapeIsFree: press('Escape') });
          });
          changed.observe(document.body, { childList: true, characterData: true, subtree: true });
          press('y');
        }),
    );
    assert.deepEqual(heard, { escapeIsFree: true });
  });

  it('gets other items than one who works at the same time', async () => {
    const { service } = await serviceWithItemsAndKeys(30);
    const [ann, bob] = await Promise.all(
      ['ann-key', 'bob-key'].map((key) => openPage(browser, service, { key })),
    );
    await Promise.all([imageShown(ann!.page), imageShown(bob!.page)]);
    const work = async (page: typeof ann): Promise<void> => {
      for (let i = 0; i < 10; i++) await labelByKey(page!.page, '5');
    };
    await Promise.all([work(ann), work(bob)]);
    await Promise.all([ann, bob].map((one) => one!.page.getByText('Mine today10').waitFor()));
    const labelled = (await itemsOf(service, 'lead-key')).filter(({ state }) => state === 'labelled');
    assert.equal(labelled.length, 20);
    for (const name of ['ann', 'bob'])
      assert.equal(labelled.filter(({ reviewer }) => reviewer === name).length, 10, name);
    assert.deepEqual([...ann!.complaints, ...bob!.complaints], []);
  });

  it('has an item settled by a lead, where no second person comes', async () => {
    const environment = { API_KEYS_FILE: await keysFile(), OVERLAP: 'sensitive=2/2,unconfident=2/2' };
    const { service } = await serviceWithItems(1, environment);
    const ann = await openPage(browser, service, { key: 'ann-key' });
    await imageShown(ann.page);
    await ann.page.keyboard.press('x');
    await ann.page.getByText('Mine today1').waitFor();
    const lead = await openPage(browser, service, { key: 'lead-key', view: '#lead' });
    await lead.page.locator('.card').first().click();
    await lead.page.locator('.opinions', { hasText: 'None of these' }).waitFor();
    assert.deepEqual(await violations(lead.page), []);
    await lead.page.getByLabel('Settle as').selectOption('None of these');
    await lead.page.getByRole('button', { name: 'Settle' }).click();
    await lead.page.locator('.facts', { hasText: 'None of these' }).waitFor();
    const [item] = await itemsOf(service, 'lead-key');
    assert.deepEqual([item!.state, item!.finding, item!.reviewer], ['discarded', 'none_of_these', 'lead']);
    assert.deepEqual([...ann.complaints, ...lead.complaints], []);
  });

  it('sees neither the machine’s guesses nor the lead’s view where they are not to', async () => {
    const { service } = await serviceWithItems(4, { GATE_FILE: '/no/gate.json' });
    const { page } = await openPage(browser, service);
    await imageShown(page);
    assert.equal(await page.getByText('The machine’s guess').count(), 0);
    assert.equal(await page.getByRole('radio').count(), 10);
  });

  it('who leaves gives the items back', async () => {
    const { service } = await serviceWithItems(4);
    const { page } = await openPage(browser, service);
    await imageShown(page);
    assert.equal((await itemsOf(service)).filter(({ state }) => state === 'claimed').length, 4);
    await page.goto('about:blank');
    for (let tries = 0; tries < 100; tries++) {
      const held = (await itemsOf(service)).filter(({ state }) => state === 'claimed');
      if (held.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.fail('the items are still held');
  });

  it('is asked for a key where the service has some, and told where it is wrong', async () => {
    const { service } = await serviceWithItemsAndKeys(4);
    const { page } = await openPage(browser, service, { key: 'nonsense' });
    await page.getByText('The service does not know this key.').waitFor();
    await page.getByLabel('API key').fill('ann-key');
    await page.keyboard.press('Enter');
    await imageShown(page);
    assert.equal(await page.getByRole('link', { name: 'Lead' }).count(), 0);
  });
});

async function serviceWithItemsAndKeys(count: number) {
  return serviceWithItems(count, { API_KEYS_FILE: await keysFile() });
}
