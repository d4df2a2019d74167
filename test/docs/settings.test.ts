import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readSettings, SETTINGS } from '../../src/service/settings.ts';

/** A row of docs/settings.md: a variable, its default and its range as they are written. */
interface Row {
  readonly name: string;
  readonly otherwise: string;
  readonly range: string;
}

const page = readFileSync(fileURLToPath(new URL('../../docs/settings.md', import.meta.url)), 'utf8');
const rows: Row[] = [...page.matchAll(/^\| `([A-Z_]+)` +\| ([^|]*?) +\| ([^|]*?) +\|/gm)].map(
  ([, name, otherwise, range]) => ({ name: name!, otherwise: otherwise!, range: range! }),
);

/** The setting as `readSettings` understands `value`, beside what else it needs to be valid. */
function read(name: string, value: string | undefined): unknown {
  const largest = { MAX_INFLIGHT_BYTES: '1099511627776' };
  const smallest = { MAX_BODY_BYTES: '1024' };
  const others = name === 'MAX_BODY_BYTES' ? largest : name === 'MAX_INFLIGHT_BYTES' ? smallest : {};
  const settings: Readonly<Record<string, unknown>> = readSettings({ ...others, [name]: value });
  return settings[name];
}

describe('docs/settings.md', () => {
  it('names every variable that the service reads, once, and no other', () => {
    assert.deepEqual(rows.map(({ name }) => name).sort(), [...SETTINGS].sort());
  });

  it('gives the defaults that the service has', () => {
    // The others depend on the machine or on other settings, and are told in words.
    const exact = rows.flatMap(({ name, otherwise }) => {
      const [, value] = /^`([^`]*)`$/.exec(otherwise) ?? [];
      return value === undefined ? [] : [{ name, value }];
    });
    assert.ok(exact.length >= 18, `only ${exact.length} rows have a default that can be compared`);
    for (const { name, value } of exact) assert.equal(String(read(name, undefined)), value, name);
    for (const { name, otherwise } of rows.filter((row) => row.otherwise === 'none')) {
      const value = read(name, undefined);
      const isEmpty = value === undefined || Object.keys(value as object).length === 0;
      assert.ok(isEmpty, `${name} is ${JSON.stringify(value)} by default, not ${otherwise}`);
    }
  });

  it('gives the ranges that the service accepts, ends included', () => {
    const ranges = rows.flatMap(({ name, range }) => {
      const [, least, most] = /^(\d+) to (\d+)$/.exec(range) ?? [];
      return least === undefined ? [] : [{ name, least: Number(least), most: Number(most) }];
    });
    assert.ok(ranges.length >= 18, `only ${ranges.length} rows have a range that can be compared`);
    for (const { name, least, most } of ranges) {
      assert.equal(read(name, String(least)), least, `${name}=${least}`);
      assert.equal(read(name, String(most)), most, `${name}=${most}`);
      for (const beyond of [least - 1, most + 1])
        assert.throws(() => read(name, String(beyond)), new RegExp(name), `${name}=${beyond} is accepted`);
    }
  });
});
