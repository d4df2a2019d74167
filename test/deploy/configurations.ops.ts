import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../docs/markdown.ts';

/** Fails with all that the program said unless it is content. */
function content(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (error) throw new Error(`these tests need ${program}`, { cause: error });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

const CONFIG = '--config.file=deploy/alertmanager.yml';

describe('the files of deploy/', () => {
  it('are a configuration of Prometheus, as they lie, with its rules', () => {
    const said = content('promtool', ['check', 'config', 'deploy/prometheus.yml']);
    assert.match(said, /SUCCESS: 4 rule files found/);
  });

  it('are a configuration of Alertmanager', () => {
    content('amtool', ['check-config', 'deploy/alertmanager.yml']);
  });

  for (const severity of ['page', 'ticket'])
    it(`send an alert of severity ${severity} to who is to have it`, () => {
      const labels = [`severity=${severity}`, 'alertname=SensigateDown'];
      assert.equal(content('amtool', ['config', 'routes', 'test', CONFIG, ...labels]).trim(), severity);
    });

  it('are a unit that systemd takes', () => {
    const unit = readFileSync(join(root, 'deploy/sensigate.service'), 'utf8');
    // What stands there only once it is installed: the program, its user and its settings.
    const here = unit
      .replaceAll('/opt/sensigate', root.replace(/\/$/, ''))
      .replace('User=sensigate', 'User=root');
    const file = join(mkdtempSync(join(tmpdir(), 'sensigate-unit-')), 'sensigate.service');
    writeFileSync(file, here);
    content('systemd-analyze', ['verify', '--man=no', file]);
  });
});
