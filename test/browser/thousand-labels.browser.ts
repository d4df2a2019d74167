import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { endServices, newDataDir, post, samples, startService } from '../commands/service.ts';
import { buildGraph, grayManifest, writeModel } from '../../support/onnx-graph.ts';
import { startChromium } from './chromium.ts';
import { imageShown, openPage } from './open-page.ts';
import { itemsOf } from './service-with-items.ts';

const CLASSES = 1000;
const PIXELS = 16;

/** A linear model of 4 × 4 pixels and a thousand labels, `kind 0` to `kind 999`. */
function thousandLabels(): Promise<string> {
  const weights = Array.from({ length: PIXELS * CLASSES }, (_, i) => Math.sin(i));
  const graph = buildGraph({
    input: { name: 'x', shape: ['n', 1, 4, 4] },
    outputs: [{ name: 'z', shape: ['n', CLASSES] }],
    constants: { weights: { shape: [PIXELS, CLASSES], values: weights } },
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['flat'], attributes: { axis: 1 } },
      { op: 'MatMul', inputs: ['flat', 'weights'], outputs: ['z'] },
    ],
  });
  const labels = Array.from({ length: CLASSES }, (_, i) => `kind ${i}`);
  return writeModel(grayManifest(4, 4, labels), graph);
}

describe('a model with a thousand labels', () => {
  let browser: Browser;
  before(async () => (browser = await startChromium()));
  after(() => browser.close());
  after(endServices);

  it('is labelled by typing, by keyboard alone, recent labels first', async () => {
    const service = await startService({ DATA_DIR: await newDataDir(), MODEL_DIR: await thousandLabels() });
    for (const { bytes } of await samples(1)) await post(service, bytes);
    const { page, complaints } = await openPage(browser, service);
    await imageShown(page);
    const options = page.getByRole('option');
    assert.equal(await options.count(), 60);
    await page.getByText('940 more: type to find them.').waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('731');
    assert.deepEqual(await options.allInnerTexts(), ['1\nkind 731']);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Submit “kind 731”' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Mine today1').waitFor();

    // The one just used is the first now, and its digit chooses it.
    await page.getByRole('option', { name: 'kind 731' }).waitFor();
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.getByText('Mine today2').waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('kind 5');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByText('Mine today3').waitFor();

    const given = (await itemsOf(service)).map(({ label }) => label).filter((label) => label !== null);
    assert.deepEqual(given.sort(), ['kind 51', 'kind 731', 'kind 731']);
    assert.deepEqual(complaints, []);
  });
});
