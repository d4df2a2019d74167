import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Service } from '../commands/service.ts';

/** Shared with whatever else runs on the machine. */
export const PATIENCE_MS = 60_000;

export interface Opened {
  readonly page: Page;
  /** What the browser complained about: scripts that failed, and what the page's policy refused. */
  readonly complaints: readonly string[];
}

/** The service's page in a browser of its own: storage and key are nobody else's. */
export async function openPage(
  browser: Browser,
  service: Service,
  options: BrowserContextOptions & { readonly key?: string; readonly view?: string } = {},
): Promise<Opened> {
  const { key, view = '', ...context } = options;
  const page = await (await browser.newContext(context)).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // A status of 4xx or 5xx is an ordinary answer here.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  await page.goto(`${service.url}/${view}`);
  if (key !== undefined) {
    await page.getByLabel('API key').fill(key);
    await page.keyboard.press('Enter');
  }
  return { page, complaints };
}

/** Waits until an image is on screen. */
export async function imageShown(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector('canvas')?.width ?? 0) > 1);
}

/** Milliseconds from each answer's key until the next image was painted, as the page measured them. */
export function nextImageTimes(page: Page): Promise<number[]> {
  return page.evaluate(() =>
    performance.getEntriesByName('sensigate:next-image').map(({ duration }) => duration),
  );
}

/** Labels the image on screen by keyboard and waits for the next one. */
export async function labelByKey(page: Page, digit: string): Promise<void> {
  const before = (await nextImageTimes(page)).length;
  await page.keyboard.press(digit);
  await page.keyboard.press('Enter');
  await page.waitForFunction(
    (count) => performance.getEntriesByName('sensigate:next-image').length > count,
    before,
  );
}
