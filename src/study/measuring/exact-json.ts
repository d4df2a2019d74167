/**
 * JSON that gives back every number bit for bit, and arrays of float32 and of float64 as such.
 *
 * JSON's own numbers do so for all finite ones (the shortest decimal that reads back as the same float64),
 * save −0. Plain values whose only key is `number`, `float32` or `float64` would be taken for the forms
 * below, and are not for this.
 */
const NUMBER = 'number';
const FLOAT32 = 'float32';
const FLOAT64 = 'float64';

/** `value` as JSON on one line, in ASCII where its texts are. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (inner instanceof Float32Array) return { [FLOAT32]: Array.from(inner) };
    if (inner instanceof Float64Array) return { [FLOAT64]: Array.from(inner) };
    if (typeof inner !== 'number') return inner;
    if (Object.is(inner, -0)) return { [NUMBER]: '-0' };
    return Number.isFinite(inner) ? inner : { [NUMBER]: String(inner) };
  });
}

/** @throws SyntaxError if `text` is not JSON */
export function decodeJson(text: string): unknown {
  return JSON.parse(text, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null) return inner;
    const entries = Object.entries(inner);
    if (entries.length !== 1) return inner;
    const [key, content] = entries[0] as [string, unknown];
    if (key === NUMBER && typeof content === 'string') return Number(content);
    if (key === FLOAT32 && Array.isArray(content)) return Float32Array.from(content as number[]);
    if (key === FLOAT64 && Array.isArray(content)) return Float64Array.from(content as number[]);
    return inner;
  });
}
