import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { ImageFile } from '../../images/image-file.ts';

const imageRow = z.object({ bytes: z.instanceof(Uint8Array), content_type: z.string() });

/** Reads the original image: the only query that touches `images`, by its primary key. */
export function prepareImage(db: Database) {
  const select = db.prepare<[string]>('SELECT bytes, content_type FROM images WHERE id = ?');
  return (id: string): ImageFile | null => {
    const row = select.get(id);
    if (row === undefined) return null;
    const { bytes, content_type: contentType } = imageRow.parse(row);
    return { bytes, contentType };
  };
}
