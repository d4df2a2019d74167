import { CodedError } from '../../coded-error.ts';

/** Of the images of one step, lost for another reason than what is in them: more would bias the proof. */
export const MOST_LOST = 0.01;

/**
 * So many images could not be measured that what the others say is not true of all. Nothing is wrong with the
 * images; the machine or the engine is.
 */
export class LostImagesError extends CodedError<'images_lost'> {
  override readonly name = 'LostImagesError';

  constructor(lost: number, images: number, why: string, kept: boolean) {
    super(
      'images_lost',
      `expected to measure ${images} images, and to lose at most ${MOST_LOST * 100}% of them for another ` +
        `reason than what is in them; lost ${lost} until now: ${why}. See whether memory is short or ` +
        'something ends the engine’s processes (dmesg, ulimit, the limits of the container), then run the ' +
        'same command again' +
        (kept ? ': what has been measured is kept and not measured again.' : '.'),
    );
  }
}
