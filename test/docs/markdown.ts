import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page for people: its path from the root of the repository, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Every page: those at the root, those in docs/, and the README of a folder. */
export function readPages(): readonly Page[] {
  const markdown = (folder: string): string[] =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`);
  const atRoot = readdirSync(root).filter((file) => file.endsWith('.md'));
  return [...atRoot, ...['docs', 'models', 'research'].flatMap(markdown)].map((path) => ({
    path,
    text: readFileSync(`${root}/${path}`, 'utf8'),
  }));
}

/** The page without what stands in fences, where nothing is a link or a heading. */
export function withoutFences(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '');
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
