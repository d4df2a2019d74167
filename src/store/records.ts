import type { ImageFile } from '../images/image-file.ts';
import type { PredictionRecord } from './prediction-record.ts';
import type { KeyedRequest, RecordedRequest, RequestKey } from './recorded-request.ts';
import type { StoredPrediction } from './review-status.ts';

/**
 * An original image to be recorded; null where there is none, `apart` where its bytes lie elsewhere already.
 */
export type OriginalImage = ImageFile | 'apart' | null;

/** A record and, where it is in review, its original image. */
export interface Recording {
  readonly prediction: PredictionRecord;
  readonly image: OriginalImage;
  /**
   * Where an item of the same key is not decided yet, and has an image, this is one more prediction of that.
   * Absent where the record shall have an item of its own.
   */
  readonly sameKey?: string;
}

/** The item of each record, in their order; null where nobody has to look. */
export type ItemIds = readonly (string | null)[];

/** What became of a request with a key. */
export type RecordedOnce =
  { readonly items: ItemIds; readonly earlier: null } | { readonly earlier: RecordedRequest };

/** What is recorded of inputs. */
export interface Records {
  /**
   * Stores all records of a request, and of those in review the items and original images, in one
   * transaction.
   *
   * @throws StoreError `duplicate_id`; the first record stands
   * @throws StoreError `too_many_open_items` where their caller would have more open items than one may have
   */
  recordAll(recordings: readonly Recording[]): Promise<ItemIds>;
  /**
   * Stores all of these, and the request's key, likewise. Where the key is known it stores nothing and
   * returns what was recorded under it.
   *
   * @throws StoreError as `recordAll`
   */
  recordOnce(request: KeyedRequest, recordings: readonly Recording[]): Promise<RecordedOnce>;
  /** What was recorded under a key; null where it is not known. */
  findRequest(key: RequestKey): Promise<RecordedRequest | null>;
  find(id: string): Promise<StoredPrediction | null>;
}
