import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { filesUnder, root, runCommand, sensigate } from './run-command.ts';
import { fashionMnist, newDataDir } from './service.ts';

const COMMANDS = ['serve', 'calibrate', 'evaluate', 'export', 'retain', 'migrate', 'backup'];

describe('sensigate --help', () => {
  it('names every command and every exit code', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, out } = await runCommand(args);
      assert.equal(code, 0);
      for (const name of COMMANDS) assert.match(out, new RegExp(`^ {2}${name} +\\S`, 'm'));
      for (const exit of [0, 1, 2, 3]) assert.match(out, new RegExp(`^ {2}${exit} {2}\\S`, 'm'));
    }
  });

  it('prints the version', async () => {
    assert.deepEqual(await runCommand(['--version']), {
      ...{ code: 0, out: `sensigate ${packageJson.version}\n`, err: '' },
    });
  });

  it('names what is not known with the nearest that is, and exits 2', async () => {
    for (const [args, said] of [
      [['exprot'], /^sensigate: unknown command exprot; did you mean export\?$/m],
      [['--verison'], /unknown option --verison; did you mean --version\?/],
      [['serve', '--prot', '9000'], /^sensigate serve: unknown option --prot; did you mean --port\?$/m],
      [['serve', '9000'], /expected no argument, got 9000/],
      [['migrate', 'all'], /expected no argument, got all/],
      [['serve', '--port', '80a'], /^ {2}--port 80a: expected a whole number from 0 to 65535$/m],
      [['export'], /expected --to <folder>/],
      [['retain', '--older-than', '30'], /expected --older-than <age> such as 30d/],
      [[], /Usage: sensigate <command>/],
    ] as const) {
      const { code, out, err } = await runCommand(args);
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(err, said);
    }
  });
});

describe('sensigate in a fresh copy of the project', () => {
  let copy: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'sensigate-copy-'));
    for (const name of ['src', 'toolchain', 'sensigate', 'package.json', 'package-lock.json', '.npmrc'])
      await cp(join(root, name), join(copy, name), { recursive: true });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  after(() => rm(copy, { recursive: true }));

  for (const name of COMMANDS) {
    it(`${name} --help says what it does and how, and leaves nothing behind`, async () => {
      const cwd = await newDataDir();
      const held = filesUnder(copy);
      const { code, out, err } = await runCommand([name, '--help'], {
        program: [join(copy, 'sensigate')],
        cwd,
        // A service that started in spite of it would find no port.
        environment: { PORT: '1', HOST: '192.0.2.1' },
      });
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, new RegExp(`^sensigate ${name}: \\S`));
      for (const part of [
        'Usage: sensigate',
        'Options:',
        '--help',
        'Exit codes:\n  0  done',
        'Example:\n  sensigate',
      ])
        assert.ok(out.includes(part), `${part} is not in ${out}`);
      assert.ok(out.split('\n').every(({ length }) => length <= 100));
      assert.deepEqual(filesUnder(copy), held);
      assert.deepEqual(filesUnder(cwd), ['.']);
    });
  }
});

describe('the executable', () => {
  it('works from any folder and through symlinks to it, and changes no argument', async () => {
    const folder = await newDataDir();
    await mkdir(join(folder, 'bin dir'));
    await symlink(sensigate, join(folder, 'bin dir/first'));
    await symlink('bin dir/first', join(folder, 'second'));
    for (const program of [sensigate, join(folder, 'bin dir/first'), './second']) {
      const version = await runCommand(['--version'], { program: [program], cwd: folder });
      assert.deepEqual([version.code, version.out], [0, `sensigate ${packageJson.version}\n`]);
      const { code, err } = await runCommand(['export', '--to', 'a b', 'c  d'], {
        program: [program],
        cwd: folder,
      });
      assert.equal(code, 2);
      assert.match(err, /got c {2}d$/m);
    }
  });

  it('is the service itself: it serves the shipped model from any folder, and signals reach it', async () => {
    const cwd = await newDataDir();
    const child = spawn(sensigate, ['serve', '--port', '0'], {
      cwd,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    for await (const line of createInterface(child.stdout)) {
      const { url } = JSON.parse(line) as { url?: string };
      if (url === undefined) continue;
      const model = (await (await fetch(`${url}/v1/model`)).json()) as { name: string };
      assert.equal(model.name, 'fashion-mnist');
      break;
    }
    child.stdout.resume();
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.ok(filesUnder(cwd).includes('./data/sensigate.db'));
  });
});

it('serve takes its most used settings as options, which win over the variables', async () => {
  const folder = await newDataDir();
  const { code, err } = await runCommand(
    [
      'serve',
      '--port',
      '0',
      '--model',
      fashionMnist,
      '--data-dir',
      join(folder, 'here'),
      '--host',
      '192.0.2.1',
    ],
    { environment: { DATA_DIR: '/proc/never', PORT: '80a' } },
  );
  assert.equal(code, 2);
  assert.match(err, /HOST=192\.0\.2\.1 can be reached from other machines/);
  assert.doesNotMatch(err, /80a/);
});
