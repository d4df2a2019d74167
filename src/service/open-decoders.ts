import { createDecoders, type Decoders } from '../decoder/decoders.ts';
import { MOST_DECODE_BYTES } from '../model/decode-work.ts';
import type { Model } from '../model/load.ts';
import type { Log } from '../telemetry/log.ts';
import type { Releases } from './releases.ts';
import type { Settings } from './settings.ts';

export interface OpenDecodersDeps {
  readonly settings: Settings;
  readonly model: Model;
  readonly log: Log;
  readonly releases: Releases;
}

/** Opens the place where images are decoded; its processes are started by the first that needs one. */
export function openDecoders({ settings, model, log, releases }: OpenDecodersDeps): Decoders {
  const decoders = createDecoders({
    manifest: model.manifest,
    maxPixels: settings.MAX_IMAGE_PIXELS,
    memoryBytes: Math.min(MOST_DECODE_BYTES, settings.DECODER_MEMORY_BYTES),
    onEnd: (how) => {
      log.warn({ how }, 'a decoder process ended over an image');
    },
  });
  releases.push(() => {
    decoders.close();
  });
  return decoders;
}
