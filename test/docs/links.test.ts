import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { anchorsOf, readPages, root, withoutFences } from './markdown.ts';

const pages = readPages();

/** Targets of `[text](target)` and of `src="target"` that are no address elsewhere. */
function linksOf(text: string): string[] {
  const found = [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)];
  return found.map(([, link, source]) => (link ?? source)!).filter((target) => !/^[a-z]+:/.test(target));
}

/** What stands in backticks and names a file or folder of this repository; `*` and `**` as in a shell. */
function pathsOf(text: string): string[] {
  const folders = 'src|test|support|bench|research|faults|docs|k8s|deploy|docker|models|\\.ci';
  const path = new RegExp(`^(?:${folders})/[\\w./*-]+$`);
  const quoted = [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return quoted.filter((code) => path.test(code));
}

describe('the documents', () => {
  it('are all read', () => {
    for (const path of ['README.md', 'SECURITY.md', 'docs/operations.md', 'docs/decisions/0004-stopping.md'])
      assert.ok(
        pages.some((page) => page.path === path),
        path,
      );
  });

  it('link to files that are there, and to headings that those have', () => {
    const isThere = (page: string, link: string): boolean => {
      const [file = '', anchor] = link.split('#');
      const target = join(root, file === '' ? page : join(dirname(page), file));
      if (!existsSync(target)) return false;
      return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).has(decodeURIComponent(anchor));
    };
    const broken = pages.flatMap(({ path, text }) =>
      linksOf(text)
        .filter((link) => !isThere(path, link))
        .map((link) => `${path} links to ${link}`),
    );
    assert.deepEqual(broken, []);
  });

  it('name files and folders that are there', () => {
    const gone = pages
      // It tells of releases whose files may be gone.
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap(({ path, text }) =>
        pathsOf(text)
          .filter((named) => globSync(named, { cwd: root }).length === 0)
          .map((named) => `${path} names ${named}`),
      );
    assert.deepEqual(gone, []);
  });

  it('call commands that there are', () => {
    const commands = readdirSync(join(root, 'src/commands')).map((file) => file.replace(/\.ts$/, ''));
    const called = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\.\/sensigate ([a-z]\w*)/g)].map(([, command]) => ({ path, command: command! })),
    );
    assert.ok(called.length > 5, `only ${called.length} calls of ./sensigate were found`);
    assert.deepEqual(
      called.filter(({ command }) => !commands.includes(command)),
      [],
    );
  });

  it('call ./sensigate and not the file behind it', () => {
    const direct = pages.filter(({ text }) => text.includes('node src/main.ts'));
    assert.deepEqual(
      direct.map(({ path }) => path),
      [],
    );
  });

  it('have lines of at most 110 columns, tables and what cannot be broken left out', () => {
    const long = pages.flatMap(({ path, text }) =>
      text
        .split('\n')
        .map((line, i) => ({ line, at: `${path}:${i + 1}` }))
        .filter(({ line }) => line.length > 110 && !line.startsWith('|') && /\S\s+\S/.test(line.slice(60)))
        .map(({ at }) => at),
    );
    assert.deepEqual(long, []);
  });
});
