import type { createDecode } from '../model/decode.ts';
import type { ImageErrorCode } from '../model/image-error.ts';
import type { Manifest } from '../model/manifest.ts';

export type Decode = ReturnType<typeof createDecode>;
/** Whatever decoding gives; it passes between the processes as it is. */
export type Decoded = Awaited<ReturnType<Decode>>;

/** What a decoder decodes for, sent once: labels may be more than a command line holds. */
export interface DecoderOptions {
  readonly manifest: Manifest;
  readonly maxPixels: number;
}

export type ToDecoder =
  | ({ readonly type: 'begin' } & DecoderOptions)
  | { readonly type: 'image'; readonly bytes: Uint8Array; readonly allowedBytes: number };

/** How an image ended, as its decoder says. */
export type DecoderAnswer =
  | { readonly type: 'decoded'; readonly decoded: Decoded; readonly residentBytes: number }
  | {
      readonly type: 'refused';
      readonly code: ImageErrorCode;
      readonly message: string;
      readonly residentBytes: number;
    }
  /** It has taken more memory than it may, and will be killed. */
  | { readonly type: 'costly'; readonly takenBytes: number }
  /** A bug. */
  | { readonly type: 'failed'; readonly message: string };

export type FromDecoder = { readonly type: 'ready' } | DecoderAnswer;
