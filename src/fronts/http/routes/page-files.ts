import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/** The reviewers' page as it was built: its HTML, and what that loads by name. */
export interface Page {
  readonly html: PageFile;
  readonly assets: ReadonlyMap<string, PageFile>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/** Reads the page that was built into `folder`, less than 100 kB; null where none was. */
export async function readPage(folder: string): Promise<Page | null> {
  const assets = join(folder, 'assets');
  try {
    const names = await readdir(assets);
    const files = names.map(async (name) => [name, await readPageFile(join(assets, name))] as const);
    return {
      html: await readPageFile(join(folder, 'index.html')),
      assets: new Map(await Promise.all(files)),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** @throws where it cannot be read */
export async function readPageFile(path: string): Promise<PageFile> {
  const bytes = await readFile(path);
  return {
    contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream',
    bytes,
    gzipped: await promisify(gzip)(bytes, { level: 9 }),
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
  };
}
