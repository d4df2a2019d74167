import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../shared/data', import.meta.url));

/** Folder of third-party models and photographs beside the checkout; null where it is not there. */
export const sharedData: string | null = existsSync(folder) ? folder : null;

/** Options of a test that needs the folder. */
export const needsSharedData = {
  skip: sharedData === null && 'third-party models are not beside this checkout (../shared/data)',
};
