/**
 * Do the shipped gates keep their promise on the test split, which had no part in anything? Every test image
 * is decided as the service decides it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decide, measuredFor } from '../src/gate/decide.ts';
import { readGate } from '../src/gate/read-gate.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel } from '../src/model/load.ts';
import { clopperPearson } from '../src/numerics/risk/clopper-pearson.ts';
import { procedureOf } from '../src/prediction/measure-input.ts';
import { measureAll } from './procedure.ts';
import { check, describeMachine, openEngine, result, root, short } from './harness.ts';

const TEST_IMAGES = {
  'fashion-mnist': 'models/fashion-mnist/test-split/t10k-images-idx3-ubyte.gz',
  mnist: '.datasets/mnist/t10k-images-idx3-ubyte',
};

describeMachine();
for (const [name, path] of Object.entries(TEST_IMAGES)) {
  if (!existsSync(join(root, path))) {
    console.log(`left out: ${name}, whose test images make models fetches into ${path}`);
    continue;
  }
  const model = await loadModel(join(root, 'models', name));
  const gate = await readGate(join(model.folder, 'gate.json'), model.digest);
  const idx = await readIdxImages(join(root, path));
  const count = short ? 500 : idx.count;
  const pixels = Array.from({ length: count }, (_, i) => idx.pixels(i));
  const engine = await openEngine(model);
  const measured = await measureAll(engine, model, pixels, procedureOf(gate));
  engine.close();
  const automatic = measured.map((one) => decide(measuredFor(gate, one), gate, false).decision === 'auto');
  const accepted = automatic.filter(Boolean).length;
  const wrong = measured.filter(({ predicted }, i) => automatic[i] && predicted !== idx.classOf(i)).length;
  check(accepted > 0 && accepted < count, `${accepted} of ${count} images are automatic`);
  const [lower, upper] = clopperPearson(wrong, accepted, 0.05);
  result('promise', {
    model: name,
    promised: gate.calibration.proven!.risk,
    images: count,
    automatic: accepted,
    wrong,
    selective_risk: wrong / accepted,
    lower,
    upper,
  });
}
