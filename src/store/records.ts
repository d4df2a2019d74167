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
}

/** What is recorded of inputs. */
export interface Records {
  /**
   * Stores the record and, where it is in review, its item and original image, in one transaction.
   *
   * @throws StoreError `duplicate_id`; the first record stands.
   */
  record(prediction: PredictionRecord, image: OriginalImage): Promise<void>;
  /**
   * Stores all of these and the request's key in one transaction; null when it did. Where the key is known it
   * stores nothing and returns what was recorded under it.
   *
   * @throws StoreError `duplicate_id`
   */
  recordOnce(request: KeyedRequest, recordings: readonly Recording[]): Promise<RecordedRequest | null>;
  /** What was recorded under a key; null where it is not known. */
  findRequest(key: RequestKey): Promise<RecordedRequest | null>;
  find(id: string): Promise<StoredPrediction | null>;
}
