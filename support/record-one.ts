import type { PredictionRecord } from '../src/store/prediction-record.ts';
import type { OriginalImage, Records } from '../src/store/records.ts';

/** Records one that has an item of its own where it is in review. */
export async function recordOne(
  { records }: { readonly records: Pick<Records, 'recordAll'> },
  prediction: PredictionRecord,
  image: OriginalImage,
): Promise<void> {
  await records.recordAll([{ prediction, image }]);
}
