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
 * **What a person would see** is the file, where it is larger than what is measured: many pictures come to
 * the same few pixels, and none may have its label by another that somebody made to come to them too.
 * Forgetting the one then leaves no picture that the other did not send.
 *
 * @param image As it is kept.
 */
export function sameKeyOf(
  { inputHash, modelDigest, gateId, reasons }: PredictionRecord,
  { isShownAsMeasured }: ReadInput,
  image: ImageFile,
): string {
  const seen = isShownAsMeasured ? null : createHash('sha256').update(image.bytes).digest('hex');
  const parts = [inputHash, modelDigest, gateId, reasons.toSorted(), seen];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
