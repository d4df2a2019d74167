import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { endServices, newDataDir, post, samples, startService } from '../commands/service.ts';
import { dashboards } from './dashboard-files.ts';
import { everythingExposed, parseExposition } from './exposed.ts';
import { ruleFiles, ruleTestFiles } from './rule-files.ts';

after(endServices);

/** Fails with all that promtool said unless it is content. */
function promtool(args: readonly string[], input = ''): void {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, encoding: 'utf8' });
  if (error) throw new Error('these tests need promtool, of the package prometheus', { cause: error });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

const paths = (files: readonly URL[]): string[] => files.map((file) => fileURLToPath(file));

describe('promtool', () => {
  it('minds nothing about the metrics of the running service', async () => {
    const service = await startService({ DATA_DIR: await newDataDir() });
    for (const { bytes } of await samples(1)) await post(service, bytes);
    const text = await (await fetch(`${service.url}/metrics`)).text();
    promtool(['check', 'metrics'], text);
    const known = await everythingExposed();
    const own = [...parseExposition(text).keys()].filter((name) => /^(sensigate|http)_/.test(name));
    assert.ok(own.length > 20);
    assert.deepEqual(
      own.filter((name) => !known.has(name)),
      [],
    );
    service.kill('SIGTERM');
    await service.ended;
  });

  it('minds nothing about the rules', () => {
    promtool(['check', 'rules', ...paths(ruleFiles)]);
  });

  it('can read the queries of the dashboards', () => {
    // As recordings, since it reads no dashboards.
    const rules = dashboards.flatMap(({ panels }) =>
      panels.flatMap(({ targets }, panel) =>
        targets.map(({ expr }, query) => ({
          record: `panel_${panel}_query_${query}`,
          expr: expr.replaceAll('$__rate_interval', '5m'),
        })),
      ),
    );
    const folder = mkdtempSync(join(tmpdir(), 'sensigate-dashboards-'));
    const file = join(folder, 'queries.yaml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
    promtool(['check', 'rules', '--lint=none', file]);
    rmSync(folder, { recursive: true });
  });

  for (const file of paths(ruleTestFiles))
    it(`finds that alerts fire when they should and only then: ${file.slice(file.lastIndexOf('/') + 1)}`, () => {
      promtool(['test', 'rules', file]);
    });
});
