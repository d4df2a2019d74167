import { isPlainText, NOT_PLAIN } from '../plain-text.ts';

/** A file of JSON that is not as it must be; the message says what was expected. */
export class JsonFileError extends Error {
  override readonly name = 'JsonFileError';
}

/**
 * What a file of JSON holds, whose texts can all be kept and given: in UTF-8, and in none of them, names of
 * members included, NUL or half of a surrogate pair. PostgreSQL keeps neither, and no answer can carry them.
 *
 * @throws JsonFileError that names the text by its place, `labels.3`
 */
export function parseJsonFile(content: Uint8Array | string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(
      typeof content === 'string' ? content : new TextDecoder('utf-8', { fatal: true }).decode(content),
    );
  } catch (error) {
    const why = error instanceof TypeError ? 'its bytes are not UTF-8' : (error as Error).message;
    throw new JsonFileError(`is not JSON: ${why}`);
  }
  const place = firstOddText(json);
  if (place === null) return json;
  throw new JsonFileError(`${place}: ${NOT_PLAIN}`);
}

/** Where such a text is, of the first; null where there is none. */
function firstOddText(json: unknown): string | null {
  const waiting: { readonly value: unknown; readonly place: string }[] = [{ value: json, place: '' }];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const { value, place } = one;
    if (typeof value === 'string' && !isPlainText(value)) return place;
    if (typeof value !== 'object' || value === null) continue;
    const inner = Object.entries(value).map(([name, member]) => ({
      name,
      member: { value: member as unknown, place: place === '' ? name : `${place}.${name}` },
    }));
    const odd = inner.find(({ name }) => !isPlainText(name));
    if (odd !== undefined) return JSON.stringify(odd.name.slice(0, 64).toWellFormed());
    for (const { member } of inner.reverse()) waiting.push(member);
  }
  return null;
}
