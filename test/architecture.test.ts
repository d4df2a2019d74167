import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Which folders of src a folder may import from, besides itself. Imports go one way. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  numerics: [],
  model: ['numerics'],
  gate: ['numerics', 'model'],
  engine: ['model', 'numerics'],
  dataset: ['model', 'numerics'],
  evaluation: ['gate', 'numerics'],
  review: [],
  telemetry: [],
  prediction: ['model', 'engine', 'gate', 'evaluation', 'review', 'numerics', 'dataset'],
  // The codes of ImageError and EngineError, which it maps to statuses, are the one thing http takes from below.
  http: [
    'prediction',
    'review',
    'telemetry',
    'model/image-error.ts',
    'engine/engine-error.ts',
    '../package.json',
  ],
  // It runs in a browser: what it knows of the service is what the service answers.
  web: [],
  commands: [
    'numerics',
    'model',
    'engine',
    'dataset',
    'gate',
    'evaluation',
    'prediction',
    'review',
    'http',
    'telemetry',
    'config.ts',
    '../package.json',
  ],
  'config.ts': [],
  'main.ts': ['commands'],
};

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path]) => path!);
  return found.map((path) => relative(src, join(src, dirname(file), path)));
}

const placeOf = (file: string): string => file.split(sep)[0]!;

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
        if (place !== placeOf(file) && !allowed.includes(place) && !allowed.includes(target)) {
          wrong.push(`${file} imports ${target}`);
        }
      }
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
