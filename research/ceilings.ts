/**
 * What is lost where the upper bounds of clipped ReLUs let a gradient pass? The cosine of the steepest
 * direction with that of the exact gradient, and ‖Jv‖ along the one to ‖Jv‖ along the other, by the
 * differences that a measurement takes; MobileNetV2 on photographs.
 */
import { createDecode } from '../src/model/decode.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { openGradients } from '../src/model/gradients.ts';
import { openSession } from '../src/model/session.ts';
import { softmax } from '../src/numerics/jacobian/softmax.ts';
import { byDifferences, steepestAt } from './slopes.ts';
import {
  check,
  describeMachine,
  mobileNet,
  photographs,
  quantile,
  result,
  short,
  threads,
} from '../bench/harness.ts';
import { largest, smallest } from '../src/numerics/extremes.ts';

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
  const cosines: number[] = [];
  const ratios: number[] = [];
  for (const bytes of (await photographs()).slice(0, IMAGES)) {
    const input = preprocess((await decode(bytes)).pixels);
    const base = Float32Array.from(await session.classify(input.values, 1));
    const answered = { input, base, p: softmax(base) };
    const normAlong = (v: Float32Array): Promise<number> =>
      byDifferences(answered, [v], STEP, 'forward', session.classify);
    const taken = await steepestAt(answered, ignored.pullBack);
    const exact = await steepestAt(answered, kept.pullBack);
    cosines.push(taken.reduce((sum, value, i) => sum + value * exact[i]!, 0));
    ratios.push((await normAlong(taken)) / (await normAlong(exact)));
  }
  await session.release();
  await ignored.release();
  await kept.release();
  check(
    smallest(cosines) > 0.9 && smallest(ratios) > 0.9,
    'it is another direction than the exact gradient’s',
  );
  result('ceilings', {
    model: model.manifest.name,
    images: cosines.length,
    cosine_least: smallest(cosines),
    cosine_p05: quantile(cosines, 0.05),
    cosine_median: quantile(cosines, 0.5),
    norm_ratio_least: smallest(ratios),
    norm_ratio_median: quantile(ratios, 0.5),
    norm_ratio_largest: largest(ratios),
  });
}
