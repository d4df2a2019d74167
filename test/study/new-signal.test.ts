/**
 * Adds a signal of the logits to a copy of the sources, as somebody who works on them would: three lines, of
 * which each is demanded by the compiler or a test, and nothing else.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const REGISTRY = 'src/gate/signals/registry.ts';
const STYLES = 'src/study/report/signal-style.ts';
const DOCS = 'docs/models.md';
const LINES = {
  [REGISTRY]:
    "  max_logit: { meaning: 'the largest logit', safe: 'high', isNorm: false, needs: [], " +
    'of: ({ logits }) => logits.reduce((a, b) => Math.max(a, b)) },',
  [STYLES]: `  max_logit: { name: 'largest logit', colour: 'var(--gray)', dash: '2 2', width: 1.6 },`,
  [DOCS]: '| `max_logit` | high | the logits | the largest logit |',
};
/** The lines of an older signal, below which the new ones go. */
const BELOW = {
  [REGISTRY]: /^ {2}entropy: \{[\s\S]*?^ {2}\},$/m,
  [STYLES]: /^ {2}entropy: .*$/m,
  [DOCS]: /^\| `entropy` .*$/m,
};

describe('a new signal of the logits', () => {
  let copy: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'sensigate-test-'));
    for (const name of [
      'src',
      'docs',
      'package.json',
      'test/gate/signal-table.test.ts',
      'test/study/use-signal.ts',
    ]) {
      await cp(join(root, name), join(copy, name), { recursive: true });
    }
    for (const name of ['node_modules', 'models']) await symlink(join(root, name), join(copy, name));
  });
  after(() => rm(copy, { recursive: true }));

  const add = async (file: keyof typeof LINES): Promise<void> => {
    const text = await readFile(join(copy, file), 'utf8');
    assert.match(text, BELOW[file]);
    await writeFile(
      join(copy, file),
      text.replace(BELOW[file], (line) => `${line}\n${LINES[file]}`),
    );
  };
  const documented = (): Promise<unknown> =>
    // Of its own, not a part of this run: else it would tell this run of its failure, and end well.
    run(process.execPath, [join(copy, 'test/gate/signal-table.test.ts')], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    });

  it('is an entry of the registry, which does not compile without a style', async () => {
    assert.deepEqual(complaints(join(copy, STYLES)), []);
    await add(REGISTRY);
    assert.match(complaints(join(copy, STYLES)).join('\n'), /'max_logit' is missing/);
    await add(STYLES);
    assert.deepEqual(complaints(join(copy, STYLES)), []);
  });

  it('has a row in the documents, or the test of the table fails', async () => {
    await assert.rejects(documented());
    await add(DOCS);
    await documented();
  });

  it('is among those that the command offers', async () => {
    const args = ['calibrate', '--data', 'x', '--coverage', '0.9', '--signal', 'no_such_signal'];
    await assert.rejects(run(process.execPath, [join(copy, 'src/main.ts'), ...args]), /max_logit/);
  });

  it('is then computed, served, calibrated by name and as one of all, evaluated and drawn', async () => {
    const { stdout } = await run(process.execPath, [join(copy, 'test/study/use-signal.ts'), 'max_logit']);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(found, {
      computed: true,
      byName: { signal: 'max_logit', acceptsHigh: true, readBack: true },
      standings: true,
      markdown: true,
      page: true,
    });
  });
});

/** What the compiler says against one file, strictly. */
function complaints(file: string): readonly string[] {
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
  });
  const source = program.getSourceFile(file)!;
  return program
    .getSemanticDiagnostics(source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
