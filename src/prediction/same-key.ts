import { createHash } from 'node:crypto';
import type { ImageFile } from '../images/image-file.ts';
import type { PredictionRecord } from '../store/prediction-record.ts';
import type { ReadInput } from './inputs.ts';

/**
 * Equal for inputs that people look at once, SHA-256, hex: the same model and gate want to know of the same
 * pixels, for the same reasons, and what a person would see is the same.
 *
 * **The reasons** belong to it, so that an item has those of all its predictions, and as many people are
 * asked as they say. A caller who asks for a short deadline then joins nobody else's item.
 *
 * **The stream** belongs to it, so that an item is of one, and what people say of it counts for that alone:
 * the same frame of two cameras is looked at for each.
 *
 * **What a person would see** is the file, where it is larger than what is measured: many pictures come to
 * the same few pixels, and none may have its label by another that somebody made to come to them too.
 * Forgetting the one then leaves no picture that the other did not send.
 *
 * @param image As it is kept.
 */
export function sameKeyOf(
  { inputHash, modelDigest, gateId, reasons, stream }: PredictionRecord,
  { isShownAsMeasured }: ReadInput,
  image: ImageFile,
): string {
  const seen = isShownAsMeasured ? null : createHash('sha256').update(image.bytes).digest('hex');
  // Without a stream it is the key that items of earlier releases have.
  const ofStream = stream === null ? [] : [stream];
  const parts = [inputHash, modelDigest, gateId, reasons.toSorted(), seen, ...ofStream];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
