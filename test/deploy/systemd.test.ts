import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { SETTINGS } from '../../src/service/settings.ts';
import { newDataDir } from '../commands/service.ts';
import { root } from '../docs/markdown.ts';

const INSTALLED = '/opt/sensigate';
const unit = readFileSync(join(root, 'deploy/sensigate.service'), 'utf8');
const environment = readFileSync(join(root, 'deploy/sensigate.env'), 'utf8');

function valueOf(key: string): string {
  const [, value] = new RegExp(`^${key}=(.*)$`, 'm').exec(unit) ?? [];
  assert.ok(value !== undefined, `the unit has no ${key}`);
  return value;
}

/** Settings of an environment file, as systemd reads them. */
function settingsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]),
  );
}

const running: (() => void)[] = [];
after(() => {
  for (const kill of running) kill();
});

/** What git knows of this tree and what was built, without its history: a tree as it is installed. */
async function installedTree(): Promise<string> {
  const tree = join(await newDataDir(), 'opt');
  const { stdout } = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const needed =
    /^(src|models\/fashion-mnist|toolchain)\/|^(sensigate|package.*\.json|\.npmrc|vite\.config\.ts)$/;
  for (const file of stdout.split('\n').filter((path) => needed.test(path))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(join(root, file), join(tree, file));
  }
  // As `make build/web` leaves it.
  cpSync(join(root, 'build/web'), join(tree, 'build/web'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  return tree;
}

describe('the unit of systemd', () => {
  it('starts the service by its own command line and environment file, and stops it by SIGTERM', async () => {
    const tree = await installedTree();
    const settings = settingsOf(environment);
    assert.equal(settings.DATA_DIR, `/var/lib/${valueOf('StateDirectory')}`);
    assert.equal(valueOf('WorkingDirectory'), INSTALLED);
    const [program = '', ...args] = valueOf('ExecStart').replaceAll(INSTALLED, tree).split(' ');
    const child = spawn(program, args, {
      cwd: tree,
      // As systemd gives it: a path, the file's settings, and nothing of this shell's.
      env: { PATH: process.env.PATH, ...settings, DATA_DIR: await newDataDir(), PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(() => child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const url = await new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const entry = JSON.parse(line) as { url?: string };
        if (entry.url !== undefined) resolve(entry.url);
      });
      void ended.then((code) => {
        reject(new Error(`the service ended with ${code} before it listened`));
      });
    });
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  it('leaves the service time to finish its requests', () => {
    const grace = 20 + 10;
    assert.ok(
      Number(valueOf('TimeoutStopSec')) > grace,
      `less than SHUTDOWN_GRACE_MS and closing, ${grace} s`,
    );
  });

  it('sets nothing but what the service reads', () => {
    const named = [...environment.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name!);
    assert.ok(named.length > 3);
    assert.deepEqual(
      named.filter((name) => !SETTINGS.includes(name)),
      [],
    );
  });
});
