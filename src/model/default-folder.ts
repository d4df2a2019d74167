import { fileURLToPath } from 'node:url';

/**
 * The model that is served where none is named: the shipped one, from whichever folder the program is called.
 */
export const DEFAULT_MODEL_FOLDER = fileURLToPath(new URL('../../models/fashion-mnist', import.meta.url));
