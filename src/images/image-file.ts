/** An image as it was sent. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}
