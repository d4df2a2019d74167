import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readGate } from '../../src/gate/read-gate.ts';
import { loadModel } from '../../src/model/load.ts';

const models = fileURLToPath(new URL('../../models', import.meta.url));

/** A gate's id is a hash of its content as it is read; stored predictions name it. */
const IDS = { 'fashion-mnist': '6b043b5bfd40c1e9', mnist: 'de84d98b4b867fd4' };

describe('the shipped gates', () => {
  for (const [name, id] of Object.entries(IDS)) {
    it(`are read as the gates that they have always been: ${name}`, async () => {
      const folder = join(models, name);
      const { digest } = await loadModel(folder);
      assert.equal((await readGate(join(folder, 'gate.json'), digest)).id, id);
    });
  }
});
