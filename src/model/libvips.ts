/**
 * The one door to libvips: whoever makes or reads images imports it from here, set as below, and nowhere else
 * (eslint.config.js).
 */
import sharp from 'sharp';

// libvips reads dozens of formats, some by large and little-tested loaders: leave only the three that are
// served.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});
// Inputs are all different; the cache would only hold memory.
sharp.cache(false);
// One thread an image: many small images decode side by side, and threads inside one image would only wait
// for each other.
sharp.concurrency(1);

export { sharp };
