import { z } from 'zod';
import type { Images } from '../../images/images.ts';
import { type RecordedRequest, REQUEST_KEPT_MS } from '../recorded-request.ts';
import type { Records } from '../records.ts';
import type { ReviewItems } from '../review-items.ts';
import type { Dialect, ReadRows } from './dialect.ts';
import { storedColumns, storedRows } from './stored-rows.ts';

const sizeRow = z.object({ size: z.coerce.number() });
const imageRow = z.object({ bytes: z.instanceof(Uint8Array), content_type: z.string() });

/** Up to this time a key is known that was recorded then. */
export const forgottenUntil = ({ now }: Pick<Dialect<unknown>, 'now'>): string =>
  `(${now} - ${REQUEST_KEPT_MS})`;

/** The query for what was recorded under a key. */
export function findRequest<Query>(dialect: Dialect<Query>): Query {
  return dialect.query(
    `SELECT fingerprint, ids FROM idempotency_keys
     WHERE caller = :caller AND key = :key AND recorded_ms > ${forgottenUntil(dialect)}`,
    'find_key',
  );
}

/** Reads a row of `findRequest`. */
export function requestRows({ json }: Pick<Dialect<unknown>, 'json'>): (row: unknown) => RecordedRequest {
  const requestRow = z.object({ fingerprint: z.string(), ids: json.pipe(z.array(z.string())) });
  return (row) => requestRow.parse(row);
}

interface Finding extends Pick<Records, 'find' | 'findRequest'>, Pick<Images, 'get' | 'size'> {
  readonly findItem: ReviewItems['find'];
}

/** Finds records, items, and the images that lie in the database, by primary key. */
export function finding<Query>(dialect: Dialect<Query>, rows: ReadRows<Query>): Finding {
  const { storedPrediction, storedReview } = storedRows(dialect);
  const requestOf = requestRows(dialect);
  const findPrediction = dialect.query(
    `SELECT ${storedColumns(dialect)} FROM predictions p LEFT JOIN items i ON i.id = p.item_id WHERE p.id = :id`,
    'find',
  );
  const findItem = dialect.query(
    `SELECT ${storedColumns(dialect)} FROM items i JOIN predictions p ON p.id = i.prediction_id
     WHERE i.id = :id`,
    'find_item',
  );
  const request = findRequest(dialect);
  // The only query that touches `images` to read them.
  const findImage = dialect.query('SELECT bytes, content_type FROM images WHERE id = :id', 'image');
  // Neither database reads the bytes for it.
  const findSize = dialect.query('SELECT length(bytes) AS size FROM images WHERE id = :id', 'image_size');

  return {
    find: async (id) => {
      const [row] = await rows(findPrediction, { id });
      return row === undefined ? null : storedPrediction(row);
    },
    findItem: async (id) => {
      const [row] = await rows(findItem, { id });
      return row === undefined ? null : storedReview(row);
    },
    findRequest: async ({ caller, key }) => {
      const [row] = await rows(request, { caller, key });
      return row === undefined ? null : requestOf(row);
    },
    size: async (id) => {
      const [row] = await rows(findSize, { id });
      return row === undefined ? null : sizeRow.parse(row).size;
    },
    get: async (id) => {
      const [row] = await rows(findImage, { id });
      if (row === undefined) return null;
      const { bytes, content_type: contentType } = imageRow.parse(row);
      return { bytes, contentType };
    },
  };
}
