import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { type ImageSize, layOutImage, readDockerfile, totalOf } from '../../docker/image.ts';
import { newDataDir, samples } from '../commands/service.ts';

const MOST_MB = 300;

/** User `node` of Node's images. Only root can become it; anyone else is no less fenced in. */
const USER = 1000;

const app = await mkdtemp(join(tmpdir(), 'sensigate-image-'));
await chmod(app, 0o755);
const size: ImageSize = layOutImage(app);
after(() => rm(app, { recursive: true }));

/** HEALTHCHECK's own command, of which only the port is ours. */
function healthcheck(port: string): number | null {
  const command = /^HEALTHCHECK [^\n]*\\\n\s*CMD (\[.*\])$/m.exec(readDockerfile())![1]!;
  const [, ...args] = JSON.parse(command) as string[];
  return spawnSync(process.execPath, args, { env: { PORT: port } }).status;
}

describe('what the image holds', () => {
  it('is less than 300 MB', () => {
    assert.ok(totalOf(size) < MOST_MB, JSON.stringify(size));
  });

  it('serves as user node, who can write to the data folder alone', async () => {
    const DATA_DIR = await newDataDir();
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await chown(DATA_DIR, USER, USER);
    const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
      cwd: app,
      env: { NODE_ENV: 'production', PORT: '0', DATA_DIR, TMPDIR: app },
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(asRoot && { uid: USER, gid: USER }),
    });
    const ended = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    const { bytes } = (await samples(1))[0]!;
    const answer = await fetch(`${url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(bytes),
    });
    assert.ok([200, 202].includes(answer.status), await answer.text());
    for (const path of ['/docs', '/docs/swagger-ui-bundle.js', '/openapi.json', '/metrics'])
      assert.equal((await fetch(url + path)).status, 200, path);
    assert.equal(healthcheck(new URL(url).port), 0);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(healthcheck(new URL(url).port), 1);
  });

  it('runs the other commands by `sensigate`, and installs nothing for it', () => {
    const { status, stdout, stderr } = spawnSync(join(app, 'sensigate'), ['backup', '--help'], {
      cwd: '/',
      env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^sensigate backup: /);
    assert.match(readDockerfile(), /ln -s \/app\/sensigate \/usr\/local\/bin\/sensigate/);
  });

  it('lists every package in it, with its version and hash', async () => {
    interface Sbom {
      readonly bomFormat: string;
      readonly components: readonly { readonly name: string; readonly hashes?: readonly object[] }[];
    }
    const sbom = JSON.parse(await readFile(join(app, 'sbom.json'), 'utf8')) as Sbom;
    assert.equal(sbom.bomFormat, 'CycloneDX');
    const names = new Set(sbom.components.map(({ name }) => name));
    for (const name of Object.keys(packageJson.dependencies)) assert.ok(names.has(name), name);
    for (const name of ['eslint', 'prettier', 'typescript']) assert.ok(!names.has(name), name);
    assert.ok(sbom.components.every(({ hashes }) => hashes?.length));
  });
});

describe('the Dockerfile', () => {
  it('builds from one image, pinned by its whole version', () => {
    const text = readDockerfile();
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    assert.deepEqual(bases, [...Array<string>(3).fill('${NODE_IMAGE}'), 'scratch']);
    assert.match(text, /^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim$/m);
  });
});
