import { noteAnswer, noteJson, type Notes } from './notes.ts';

/** The service as a caller who posts images has it. */
export interface Posting {
  readonly post: (image: Uint8Array, idempotencyKey: string) => Promise<Response>;
  readonly get: (path: string) => Promise<Response>;
}

/**
 * A caller who wants to know which automatic answers are audited, and writes down whatever they get: each
 * answer with its headers, sizes, times and steps, what comes of asking again for it, and of sending it again
 * under its key.
 *
 * @param pause Called when all images are sent, and until audits are drawn.
 * @returns What was noted, by prediction.
 */
export async function predictCuriously(
  { post, get }: Posting,
  images: readonly Uint8Array[],
  pause: () => Promise<void>,
): Promise<Map<string, Notes>> {
  const all = new Map<string, Notes>();
  const ids: string[] = [];
  for (const [place, image] of images.entries()) {
    const notes: Notes = new Map();
    const answer = (await noteAnswer(notes, 'answer', () => post(image, `key-${place}`))) as { id: string };
    // What it is about is of the picture, and the same for both kinds.
    ids.push(answer.id);
    all.set(answer.id, notes);
  }
  await pause();
  for (const id of ids) await noteAnswer(all.get(id)!, 'asked', () => get(`/v1/predictions/${id}`));
  for (const [place, image] of images.entries())
    await noteAnswer(all.get(ids[place]!)!, 'sent again', () => post(image, `key-${place}`));
  return all;
}

/** What an exporter gets of each prediction: its lines, where they stand, and how many there are. */
export async function exportCuriously(get: (path: string) => Promise<Response>): Promise<Map<string, Notes>> {
  const all = new Map<string, Notes>();
  const response = await get('/v1/labels?format=jsonl');
  const lines = (await response.text()).trimEnd().split('\n');
  const counts = new Map<string, number>();
  for (const [place, text] of lines.entries()) {
    const line = JSON.parse(text) as { prediction_id: string };
    const id = line.prediction_id;
    const nth = counts.get(id) ?? 0;
    counts.set(id, nth + 1);
    const notes = all.get(id) ?? new Map<string, number | string>();
    all.set(id, notes);
    noteJson(notes, `line ${nth}`, { ...line, place, bytes: text.length });
    notes.set('lines', nth + 1);
  }
  return all;
}
