import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { copiesOf, SIGNAL_NAMES, SIGNALS } from '../../src/gate/signals/registry.ts';
import type { Need } from '../../src/gate/signals/signal.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

const WRITTEN: Readonly<Record<Need, string>> = {
  transforms: 'transformed copies',
  direction: 'a direction',
  risk_model: 'a fitted model',
};

/** The cells of the rows below the head of the one table of signals in docs/. */
function tableOfSignals(): readonly (readonly string[])[] {
  const tables = readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(docs, name), 'utf8'))
    .flatMap((text) => [...text.matchAll(/^\| signal +\| safe +\|.*\n\|[ |:-]+\n((?:\|.*\n)*)/gm)]);
  assert.equal(tables.length, 1, 'docs/ has one table of signals');
  const rows = tables[0]![1]!.trim().split('\n');
  const cellsOf = (row: string): readonly string[] => row.split(/(?<!\\)\|/).slice(1, -1);
  return rows.map((row) => cellsOf(row).map((cell) => cell.trim()));
}

describe('the table of signals in the documents', () => {
  it('says of every signal what the registry says', () => {
    assert.deepEqual(
      tableOfSignals(),
      SIGNAL_NAMES.map((name) => {
        const { safe, needs, meaning } = SIGNALS[name];
        const copies = ['', 'a copy', 'two copies'][copiesOf(name).length];
        const wants = needs.map((need) => WRITTEN[need]).join(', ') || copies || 'the logits';
        return [`\`${name}\``, safe, wants, meaning];
      }),
    );
  });
});
