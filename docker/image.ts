// Lays out what the image would hold, and says how large that is: node docker/image.ts
//
// The image itself is not built here, for that needs a registry of images. The dependencies are made by the
// Dockerfile's own command, and the files are those that its COPY lines name; of the base, Debian's size is
// the published one.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * debian:bookworm-slim unpacked, as `docker images` lists it. The Node image adds its user and the binary.
 */
const DEBIAN_MB = 75;

/** Megabytes of each part. */
export type ImageSize = Readonly<Record<'debian' | 'node' | 'dependencies' | 'service', number>>;

export function readDockerfile(): string {
  return readFileSync(join(root, 'Dockerfile'), 'utf8');
}

/**
 * Makes `folder` what /app is in the image.
 *
 * @throws Error if the Dockerfile's command fails.
 */
export function layOutImage(folder: string): ImageSize {
  const [, dependencies, ...stages] = readDockerfile().split(/^FROM /m);
  const service = stages.at(-1);
  const copied = [...dependencies!.matchAll(/^COPY (.+) \.\/$/gm)].flatMap(([, files]) => files!.split(' '));
  for (const file of copied) cpSync(join(root, file), join(folder, file));
  const command = /^RUN ((?:.*\\\n)*.*)/m.exec(dependencies!)![1]!;
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the Dockerfile's command failed: ${stderr}`);
  for (const file of copied) if (file !== 'package.json') rmSync(join(folder, file));
  const files = [...service!.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
    names!.split(' '),
  );
  // The page as `make` has built it here.
  for (const file of [...files, 'build/web'])
    cpSync(join(root, file), join(folder, file), { recursive: true });
  return {
    debian: DEBIAN_MB,
    node: statSync(process.execPath).size / 1e6,
    dependencies: megabytes(join(folder, 'node_modules')),
    service: megabytes(folder) - megabytes(join(folder, 'node_modules')),
  };
}

export function totalOf(size: ImageSize): number {
  return Object.values(size).reduce((sum, part) => sum + part, 0);
}

function megabytes(folder: string): number {
  return (
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) / 1e6
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), 'sensigate-image-'));
  const size = layOutImage(folder);
  for (const [part, mb] of Object.entries({ ...size, total: totalOf(size) }))
    process.stdout.write(`${part.padEnd(14)}${mb.toFixed(0).padStart(5)} MB\n`);
  process.stdout.write(
    'computed, not built: Debian as published, Node as installed here, the rest laid out\n',
  );
  rmSync(folder, { recursive: true });
}
