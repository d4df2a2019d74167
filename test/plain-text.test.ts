import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import type { CheckedStore } from '../src/fronts/http/checked-ports.ts';
import { parse } from '../src/fronts/http/body/parse-request.ts';
import { asPlainText, isPlainText, type PlainText, plainText } from '../src/plain-text.ts';

describe('plain text', () => {
  it('has no NUL and no half of a surrogate pair', () => {
    assert.ok(['', 'dark', 'Ångström 😀', '\u0001\n'].every(isPlainText));
    for (const bad of ['\0', 'a\0b', '\ud800', 'a\udc00', '\udc00\ud800', 7, null, {}])
      assert.ok(!isPlainText(bad), JSON.stringify(bad));
    assert.throws(() => asPlainText('\0'), RangeError);
  });

  it('keeps the other rules of its schema', () => {
    const schema = plainText(z.string().min(1).max(3));
    assert.deepEqual(
      ['abc', '', 'abcd', '\0'].map((text) => schema.safeParse(text).success),
      [true, false, false, false],
    );
  });

  it('is what a request is made of, by type: a schema of any other text does not compile', () => {
    const checked = z.strictObject({ who: plainText(z.string()), order: z.enum(['a', 'b']).default('a') });
    assert.deepEqual(parse(checked, { who: 'anna' }, 'query'), { who: 'anna', order: 'a' });
    const unchecked = z.strictObject({ deep: z.array(z.object({ who: z.string() })) });
    // @ts-expect-error the text is not checked
    assert.deepEqual(parse(unchecked, { deep: [{ who: '\0' }] }, 'query'), { deep: [{ who: '\0' }] });
  });

  it('is what a route hands to a store, by type', () => {
    const { trail, reviewing }: Pick<CheckedStore, 'trail' | 'reviewing'> = {} as CheckedStore;
    const [id, lease, label] = ['id', 'lease', 'dark'].map(asPlainText) as [PlainText, PlainText, PlainText];
    const reviewer = asPlainText('anna');
    const uncompiled = [
      // @ts-expect-error a name that is not checked
      () => trail.read({ who: String(1), limit: 1 }),
      // @ts-expect-error a note that is not checked
      () => reviewing.label(id, lease, { label, reviewer, note: String(1) }),
      // @ts-expect-error a detail that is not checked
      () => trail.recordAct({ act: 'labels_exported', who: null, detail: { since: String(1) } }),
    ];
    assert.equal(uncompiled.length, 3);
  });
});
