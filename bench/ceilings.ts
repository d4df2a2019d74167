/**
 * What is lost where the upper bounds of clipped ReLUs let a gradient pass? The cosine of the steepest direction with that of the exact gradient, and
 * ‖Jv‖ along the one to ‖Jv‖ along the other, by the differences that a measurement takes; MobileNetV2 on photographs.
 */
import { createDecode } from '../src/model/decode.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { openGradients } from '../src/model/pull-back.ts';
import { openSession } from '../src/model/session.ts';
import { byLogit, orthonormalise, writeContrast } from '../src/numerics/steepest.ts';
import { argmax, directionalChange, softmax } from '../src/numerics/softmax.ts';
import {
  check,
  describeMachine,
  mobileNet,
  photographs,
  quantile,
  result,
  short,
  threads,
} from './harness.ts';

const IMAGES = short ? 4 : 60;
/** The whole displacement along a steepest direction, as calibration has it. */
const STEP = 1e-3;

describeMachine();
const model = await mobileNet();
if (model === null) {
  console.log('left out: MobileNetV2, which is not beside this checkout');
} else {
  const decode = createDecode(model.manifest, 50_000_000);
  const preprocess = createPreprocess(model.manifest);
  const session = await openSession(model, { threads });
  const ignored = await openGradients(model, { threads, ceilings: 'ignored' });
  const kept = await openGradients(model, { threads, ceilings: 'kept' });
  check(ignored.pullBack !== null && kept.pullBack !== null, 'MobileNetV2 has no gradients');
  const pullBacks = [ignored.pullBack, kept.pullBack];
  const cosines: number[] = [];
  const ratios: number[] = [];
  for (const bytes of (await photographs()).slice(0, IMAGES)) {
    const { values, unitsPerIntensity } = preprocess(await decode(bytes));
    const logits = Float32Array.from(await session.classify(values, 1));
    const p = softmax(logits);
    const cotangent = new Float32Array(model.classes);
    writeContrast(logits, byLogit(logits), 0, cotangent);
    const found: { v: Float32Array; norm: number }[] = [];
    for (const pullBack of pullBacks) {
      const gradient = await pullBack(values, cotangent, 1);
      const v = Float32Array.from(gradient, (slope, i) => slope * unitsPerIntensity[i]!);
      check(orthonormalise(v, []), 'a gradient is zero');
      const moved = await session.classify(
        values.map((value, i) => value + STEP * unitsPerIntensity[i]! * v[i]!),
        1,
      );
      const dz = Float64Array.from(moved, (z, c) => (z - logits[c]!) / STEP);
      found.push({ v, norm: Math.sqrt(directionalChange(p, argmax(p), dz).probabilities) });
    }
    const [direct, exact] = found as [(typeof found)[0], (typeof found)[0]];
    cosines.push(direct.v.reduce((sum, value, i) => sum + value * exact.v[i]!, 0));
    ratios.push(direct.norm / exact.norm);
  }
  await session.release();
  await ignored.release();
  await kept.release();
  check(
    Math.min(...cosines) > 0.9 && Math.min(...ratios) > 0.9,
    'it is another direction than the exact gradient’s',
  );
  result('ceilings', {
    model: model.manifest.name,
    images: cosines.length,
    cosine_least: Math.min(...cosines),
    cosine_p05: quantile(cosines, 0.05),
    cosine_median: quantile(cosines, 0.5),
    norm_ratio_least: Math.min(...ratios),
    norm_ratio_median: quantile(ratios, 0.5),
    norm_ratio_largest: Math.max(...ratios),
  });
}
