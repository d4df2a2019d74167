import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readIdxImages } from '../../src/model/idx.ts';
import { encodePng } from '../../src/model/encode-png.ts';
import { endServices, newDataDir, post, type Service, startService } from '../commands/service.ts';
import { dashboards } from './dashboard-files.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { alerts } from './rule-files.ts';

/** Queries, by panel and legend, that may have no data though all is well, and why. */
const MAY_BE_EMPTY: Readonly<Record<string, string>> = {
  'Volume: {{persistentvolumeclaim}}': 'kubelet tells of volumes; none is scraped here',
  'Selective risk by the audit: {{bound}}': 'nobody has labelled an audit yet',
  'Database: {{state}}, {{instance}}': 'with SQLite there is no pool of connections',
};

/** Enough that the sensitivities are compared with calibration's. */
const IMAGES = 600;
const TEST_FILE = fileURLToPath(
  new URL('../../models/fashion-mnist/test-split/t10k-images-idx3-ubyte.gz', import.meta.url),
);
const SHAPE = { height: 28, width: 28, channels: 1, layout: 'NCHW' } as const;
const SCRAPES = 8;
const KEY = 'a-key-of-this-test-alone';

let service: Service;
let prometheus: Prometheus;

before(async () => {
  const folder = await newDataDir();
  const keys = join(folder, 'keys.json');
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  writeFileSync(keys, JSON.stringify([{ id: 'healthy', sha256, scopes: ['predict', 'review'] }]));
  service = await startService({ DATA_DIR: folder, API_KEYS_FILE: keys, RATE_LIMIT_PER_MINUTE: '0' });
  const config = readFileSync(new URL('../../deploy/prometheus.yml', import.meta.url), 'utf8');
  prometheus = await startPrometheus(config, new URL(service.url).host);
  // Each once: the same few again and again are a change from what calibration saw.
  const images = await readIdxImages(TEST_FILE);
  // Prometheus has seen it before anything happened, as a service that was just started.
  while ((await prometheus.query('sensigate_build_info')).length === 0) await sleep(100);
  for (let i = 0; i < IMAGES; i++) {
    const image = await encodePng(images.pixels(i), SHAPE);
    const { status } = await post(service, image, '', KEY);
    assert.ok(status === 200 || status === 202, `an image was answered ${status}`);
  }
  await labelAll();
  // What counters have grown by is seen between two scrapes, and what rules make of it after them.
  const seen = async (): Promise<number> =>
    (await prometheus.query('count_over_time(sensigate_build_info[10m])'))[0]?.value ?? 0;
  for (const until = (await seen()) + SCRAPES; (await seen()) < until;) await sleep(200);
});

after(async () => {
  await prometheus.stop();
  endServices();
});

async function labelAll(): Promise<void> {
  const send = (method: string, path: string, body: unknown): Promise<Response> =>
    fetch(service.url + path, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify(body),
    });
  const claimed = await (await send('POST', '/v1/reviews/claim', { limit: 20 })).json();
  for (const { id, lease } of claimed as { id: string; lease: string }[])
    assert.equal((await send('PUT', `/v1/reviews/${id}/label`, { label: 'Bag', lease })).status, 204);
}

const chosen = (expr: string): string =>
  expr
    .replaceAll('$namespace', 'sensigate')
    .replaceAll('$job', 'sensigate')
    .replaceAll('$__rate_interval', '1m');

describe('of a service that is well', () => {
  for (const { file, panels } of dashboards)
    for (const { title, targets } of panels)
      it(`${file}, "${title}" has data for every query`, async () => {
        for (const { expr, legendFormat } of targets) {
          const found = await prometheus.query(chosen(expr));
          const hasData = found.some(({ value }) => Number.isFinite(value));
          const query = `${title}: ${legendFormat}`;
          assert.notEqual(
            hasData,
            query in MAY_BE_EMPTY,
            `${query} ${hasData ? 'has' : 'has no'} data: ${expr}`,
          );
        }
      });

  it('the panel of failures is at 0, and not empty, before the first failure', async () => {
    const [ratio] = await prometheus.query('sensigate:request_errors:ratio_rate5m');
    assert.equal(ratio?.value, 0);
  });

  it('each query of an annotation is answered, and marks no change of what was there from the start', async () => {
    for (const { annotations } of dashboards)
      for (const { name, expr } of annotations.list)
        if (name !== 'Gate' && name !== 'Model')
          assert.deepEqual(await prometheus.query(chosen(expr)), [], name);
        else await prometheus.query(chosen(expr));
  });

  for (const { alert, expr, labels } of alerts)
    it(`the alert ${alert} ${labels.burn ?? ''} does not begin`, async () => {
      assert.deepEqual(await prometheus.query(expr), []);
    });

  it('no alert fires', async () => {
    assert.deepEqual(await prometheus.firing(), []);
  });

  it('tells of every caller, of the engine and of what is under way', async () => {
    for (const query of [
      'sensigate_caller_requests_total{caller="healthy", limited="false"} > 0',
      'sensigate_caller_requests_total{caller="healthy", limited="true"} == 0',
      'sensigate_process_resident_bytes{role="engine"} > 1e6',
      'sensigate_inflight_limit_bytes{way="upload"} > 0',
      'sensigate_inflight_limit_bytes{way="download"} > 0',
      'sensigate_inflight_bytes{way="download"}',
      'sensigate_database_bytes > 0',
      'sensigate_database_waiting',
    ])
      assert.ok((await prometheus.query(query)).length > 0, query);
  });
});
