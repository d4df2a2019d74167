import { z } from 'zod';
import type { ImageFile } from '../../images/image-file.ts';
import type { StoredPrediction } from '../review-status.ts';
import type { Connection } from './connection.ts';
import { STORED_COLUMNS, storedPrediction } from './rows.ts';
import { statement } from './sql.ts';

/** Two look-ups by primary key. */
const findPrediction = statement(
  'find',
  `SELECT ${STORED_COLUMNS} FROM predictions p LEFT JOIN items i ON i.id = p.id WHERE p.id = :id`,
);

const findImage = statement('image', 'SELECT bytes, content_type FROM images WHERE id = :id');

const imageRow = z.object({ bytes: z.instanceof(Uint8Array), content_type: z.string() });

/** Reads one record, with its review as it stands. */
export async function find(
  connection: Connection,
  id: string,
  now: number | null,
): Promise<StoredPrediction | null> {
  const { rows } = await connection.run(findPrediction, { id, now });
  return rows.length === 0 ? null : storedPrediction(rows[0]);
}

/** Reads the original image: the only query that touches `images`, by its primary key. */
export async function image(connection: Connection, id: string): Promise<ImageFile | null> {
  const { rows } = await connection.run(findImage, { id });
  if (rows.length === 0) return null;
  const { bytes, content_type: contentType } = imageRow.parse(rows[0]);
  return { bytes, contentType };
}
