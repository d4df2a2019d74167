import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/**
 * Makes sure, before any work, that a file can be written at the path.
 *
 * @param option As it is written, `--to`.
 * @throws UsageError
 */
export async function requireFile(option: string, path: string): Promise<void> {
  if ((await kindOf(option, path)) === 'folder')
    throw new UsageError(`expected ${option} <file>, got ${path}, which is a folder`);
  const folder = dirname(resolve(path));
  const kind = await kindOf(option, folder);
  if (kind !== 'folder')
    throw new UsageError(`expected ${option} <file> in a folder, got ${path}: ${notFolder(folder, kind)}`);
  await requireWritable(option, folder);
}

/**
 * Makes sure, before any work, that the path is a folder that can be written to, or can be made.
 *
 * @throws UsageError
 */
export async function requireFolder(option: string, path: string): Promise<void> {
  for (let above = resolve(path); ; above = dirname(above)) {
    const kind = await kindOf(option, above);
    if (kind === 'file')
      throw new UsageError(`expected ${option} <folder>, got ${path}: ${notFolder(above, kind)}`);
    if (kind === 'folder') return requireWritable(option, above);
  }
}

function notFolder(path: string, kind: 'file' | null): string {
  return kind === null ? `there is no folder ${path}` : `${path} is a file`;
}

/** What is there; null for nothing. */
async function kindOf(option: string, path: string): Promise<'file' | 'folder' | null> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // Behind a file nothing can be: whoever asked finds the file.
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const why = { ENAMETOOLONG: 'the name is too long', EACCES: 'it may not be looked at' }[code] ?? code;
    throw new UsageError(`expected ${option} to be a path that can be written, got ${path}: ${why}`);
  }
}

async function requireWritable(option: string, folder: string): Promise<void> {
  await access(folder, constants.W_OK).catch(() => {
    throw new UsageError(`expected ${option} where files may be written; ${folder} may not be written to`);
  });
}
