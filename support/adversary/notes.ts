import { decodeTime } from 'ulid';

/** What somebody noted of one item: numbers and words, by where they stood. */
export type Notes = Map<string, number | string>;

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** Times are noted by what of them could tell anything: when, and how the moment lies in its second. */
function noteTime(notes: Notes, name: string, ms: number): void {
  notes.set(`${name} ms`, ms);
  notes.set(`${name} of a second`, ms % 1000);
}

/** Notes everything in a JSON value, at any depth: numbers, words, lengths, times, and what is not there. */
export function noteJson(notes: Notes, name: string, value: unknown): void {
  if (typeof value === 'number') notes.set(name, value);
  else if (typeof value === 'string') {
    notes.set(`${name} length`, value.length);
    if (ULID.test(value)) {
      noteTime(notes, name, decodeTime(value));
      notes.set(`${name} random`, Buffer.from(value.slice(10, 14)).readUInt32BE());
    } else if (INSTANT.test(value)) noteTime(notes, name, Date.parse(value));
    else notes.set(name, value);
  } else if (Array.isArray(value)) {
    notes.set(`${name} length`, value.length);
    for (const [i, one] of value.entries()) noteJson(notes, `${name}.${i}`, one);
  } else if (typeof value === 'object' && value !== null)
    for (const [member, inner] of Object.entries(value)) noteJson(notes, `${name}.${member}`, inner);
  else notes.set(name, String(value));
}

/** Notes status, headers, size and duration of an answer, and its body where that is JSON. */
export async function noteAnswer(
  notes: Notes,
  name: string,
  asked: () => Promise<Response>,
): Promise<unknown> {
  const began = performance.now();
  const response = await asked();
  const bytes = Buffer.from(await response.arrayBuffer());
  notes.set(`${name} took`, performance.now() - began);
  notes.set(`${name} status`, response.status);
  notes.set(`${name} bytes`, bytes.length);
  for (const [header, value] of response.headers) {
    // Of each request its own, and random.
    if (header !== 'x-request-id') noteJson(notes, `${name} ${header}`, numberOr(value));
  }
  if (response.headers.get('content-type')?.includes('json') !== true) return bytes;
  const body: unknown = JSON.parse(bytes.toString());
  noteJson(notes, name, body);
  return body;
}

function numberOr(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}
