import { CodedError } from '../coded-error.ts';

export type ImageErrorCode =
  | 'empty_image'
  | 'unsupported_image_type'
  | 'unreadable_image'
  | 'truncated_image'
  | 'image_too_large'
  | 'image_too_costly';

/**
 * Bytes that are not one acceptable image. The sender can act on it: the message says what was expected and
 * got.
 */
export class ImageError extends CodedError<ImageErrorCode> {
  override readonly name = 'ImageError';
  /** Which image of a request it was, from 0. */
  readonly position: number;

  constructor(code: ImageErrorCode, message: string, position = 0) {
    super(code, message, { position });
    this.position = position;
  }
}
