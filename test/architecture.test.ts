import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Which rooms of src a room may import from, besides itself. Imports go one way (docs/architecture.md). */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  numerics: [],
  telemetry: [],
  access: [],
  gradient: [],
  wire: [],
  'command-line': [],
  model: ['gradient', 'numerics'],
  gate: ['model', 'numerics'],
  engine: ['model', 'numerics'],
  decoder: ['model'],
  dataset: ['model', 'numerics'],
  images: [],
  store: ['images'],
  prediction: ['engine', 'gate', 'model', 'store', 'images', 'numerics'],
  oversight: ['gate', 'store', 'model', 'numerics'],
  study: ['dataset', 'engine', 'gate', 'model', 'prediction', 'numerics'],
  fronts: ['prediction', 'oversight', 'store', 'wire', 'access', 'telemetry', '../package.json'],
  service: [
    'access',
    'command-line',
    'decoder',
    'engine',
    'fronts',
    'gate',
    'images',
    'model',
    'numerics',
    'oversight',
    'prediction',
    'store',
    'telemetry',
    'wire',
    '../package.json',
  ],
  // It runs in a browser: what it knows of the service is what the service answers, and of that the types.
  web: ['wire'],
  commands: ['command-line', 'service', 'study', '../package.json'],
  'main.ts': ['commands', 'command-line', '../package.json', 'service/exit-codes.ts'],
  // The base of all errors that somebody can act on; every room but the page may use it.
  'coded-error.ts': [],
  // What text from outside must be, wherever it comes in.
  'plain-text.ts': [],
  // What the wire allows and the store holds against.
  'longest-lease.ts': [],
};

/** What every room but the page may import. */
const LEAVES: readonly string[] = ['coded-error.ts', 'plain-text.ts', 'longest-lease.ts'];

/** Imports that still go another way, from before the rooms were cut; none may be added. */
const NOT_YET: ReadonlySet<string> = new Set([]);

/** Methods that a port may have: a consumer can take in so many at a glance. */
const MOST_METHODS = 10;

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => path!);
  return found.map((path) => relative(src, join(src, dirname(file), path)));
}

const placeOf = (file: string): string => file.split(sep)[0]!;

/** The groups of files that import each other in a circle, whether values or types (Tarjan 1972). */
function circles(): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const known = new Set(files);

  function visit(file: string): void {
    order.set(file, order.size);
    lowest.set(file, order.get(file)!);
    open.push(file);
    for (const target of importsOf(file).filter((one) => known.has(one))) {
      if (!order.has(target)) visit(target);
      if (open.includes(target)) lowest.set(file, Math.min(lowest.get(file)!, lowest.get(target)!));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1 || importsOf(file).includes(file)) found.push(group.toSorted());
  }

  for (const file of files) if (!order.has(file)) visit(file);
  return found;
}

/** How many methods each exported interface of a file has. */
function methodsOf(file: string): Map<string, number> {
  const text = readFileSync(join(src, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return new Map(
    source.statements
      .filter(ts.isInterfaceDeclaration)
      .filter(({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
      .map(({ name, members }) => [
        name.text,
        members.filter(
          (member) =>
            ts.isMethodSignature(member) ||
            (ts.isPropertySignature(member) &&
              member.type !== undefined &&
              ts.isFunctionTypeNode(member.type)),
        ).length,
      ]),
  );
}

describe('the source folders', () => {
  it('are those of the design', () => {
    assert.deepEqual(
      [...new Set(files.map(placeOf))].filter((place) => !(place in ALLOWED)),
      [],
    );
  });

  it('import one way', () => {
    const wrong: string[] = [];
    for (const file of files) {
      const allowed = ALLOWED[placeOf(file)] ?? [];
      for (const target of importsOf(file)) {
        const place = placeOf(target);
        if (LEAVES.includes(target) && placeOf(file) !== 'web') continue;
        if (place !== placeOf(file) && !allowed.includes(place) && !allowed.includes(target)) {
          wrong.push(`${file} imports ${target}`);
        }
      }
    }
    assert.deepEqual(
      wrong.filter((one) => !NOT_YET.has(one)),
      [],
    );
  });

  it('have no files that import each other in a circle', () => {
    assert.deepEqual(
      circles().map((circle) => circle.join(' <-> ')),
      [],
    );
  });

  it('have no port of more than ten methods', () => {
    const wide: string[] = [];
    for (const file of files.filter((name) => ['store', 'images'].includes(placeOf(name)))) {
      for (const [name, count] of methodsOf(file)) {
        if (count > MOST_METHODS) wide.push(`${file}: ${name} has ${count}`);
      }
    }
    assert.deepEqual(wide, []);
  });

  it('give routes for reviewers a desk, never the store', () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => dirname(name) === join('fronts', 'http', 'routes'))) {
      const text = readFileSync(join(src, file), 'utf8');
      if (/access: 'review'/.test(text) && /checked-ports|store\/(?!review-items)/.test(text))
        wrong.push(file);
    }
    assert.deepEqual(wrong, []);
  });

  it('keep numerics free of everything but arithmetic', () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => placeOf(name) === 'numerics')) {
      const text = readFileSync(join(src, file), 'utf8');
      if (/from 'node:|Math\.random|Date\.now|performance\.|process\.|console\./.test(text)) wrong.push(file);
    }
    assert.deepEqual(wrong, []);
  });

  it('keep the page to what a browser has', () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => placeOf(name) === 'web')) {
      const text = readFileSync(join(src, file), 'utf8');
      const packages = [...text.matchAll(/from '([^.'][^']*)'/g)].map(([, name]) => name!);
      if (!packages.every((name) => name === 'preact' || name === 'preact/hooks')) wrong.push(file);
    }
    assert.deepEqual(wrong, []);
  });

  it('give the page types of what the service answers, and nothing that would be built into it', () => {
    const wrong: string[] = [];
    for (const file of files.filter((name) => placeOf(name) === 'web')) {
      const text = readFileSync(join(src, file), 'utf8');
      for (const [statement, path] of text.matchAll(/(?:\bimport\b|\bexport\b)[^;]*?'(\.[^']+)'/g)) {
        const target = relative(src, join(src, dirname(file), path!));
        if (placeOf(target) === 'wire' && !statement.startsWith('import type ')) wrong.push(file);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('have no barrel files and no default exports', () => {
    assert.deepEqual(
      files.filter((file) => /(^|\/)index\.tsx?$/.test(file)),
      [],
    );
    assert.deepEqual(
      files.filter((file) => /^export default/m.test(readFileSync(join(src, file), 'utf8'))),
      [],
    );
  });
});
