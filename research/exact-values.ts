/**
 * Prints the exact sensitivity of the first test images as JSON lines, for comparison with another
 * implementation.
 *
 *     node research/exact-values.ts models/fashion-mnist <t10k-images-idx3-ubyte[.gz]> 200 [step]
 */
import { loadModel } from '../src/model/load.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { createPreprocess } from '../src/model/preprocess.ts';
import { openSession } from '../src/model/session.ts';
import { exactSensitivity } from '../src/numerics/jacobian/exact.ts';
import { runMeasurement } from '../src/numerics/jacobian/measurement-steps.ts';
import { largest } from '../src/numerics/extremes.ts';

const [folder, data, count, step] = process.argv.slice(2);
if (!folder || !data || !count) {
  throw new Error('usage: node research/exact-values.ts <model folder> <test images> <count> [step]');
}
const model = await loadModel(folder);
const images = await readIdxImages(data);
const preprocess = createPreprocess(model.manifest);
const session = await openSession(model, { threads: 2 });
for (let index = 0; index < Number(count); index++) {
  const input = preprocess(images.pixels(index));
  const measuring = step ? exactSensitivity(input, Number(step)) : exactSensitivity(input);
  const { sensitivity, logitSensitivity, probabilities, asymmetry } = await runMeasurement(
    measuring,
    session.classify,
    model.dimension,
  );
  const confidence = largest(probabilities);
  console.log(JSON.stringify({ index, sensitivity, logitSensitivity, confidence, asymmetry }));
}
await session.release();
