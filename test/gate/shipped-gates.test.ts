import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readGate } from '../../src/gate/read-gate.ts';
import { loadModel } from '../../src/model/load.ts';

const models = fileURLToPath(new URL('../../models', import.meta.url));

/** A gate's id is a hash of its content as it is read; stored predictions name it. */
const IDS = { 'fashion-mnist': '8a38109afba6fe9e', mnist: '49489580794f181c' };

describe('the shipped gates', () => {
  for (const [name, id] of Object.entries(IDS)) {
    it(`are read as the gates that they have always been: ${name}`, async () => {
      const folder = join(models, name);
      const { digest } = await loadModel(folder);
      assert.equal((await readGate(join(folder, 'gate.json'), digest)).id, id);
    });
  }
});
