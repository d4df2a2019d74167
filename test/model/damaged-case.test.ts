import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createDecode } from '../../src/model/decode.ts';
import { loadModel } from '../../src/model/load.ts';

const file = fileURLToPath(new URL('../../../shared/cases/images/dress_jpgzero.jpg', import.meta.url));
const skip = !existsSync(file) && 'the file is not beside this checkout (../shared/cases)';

it('tells that a dress with 512 zeros in its middle is damaged', { skip }, async () => {
  const { manifest } = await loadModel(fileURLToPath(new URL('../../models/fashion-mnist', import.meta.url)));
  const { damage } = await createDecode(manifest, 50_000_000)(readFileSync(file));
  assert.notEqual(damage, null);
});
