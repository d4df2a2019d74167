/**
 * Does memory grow? Resident memory of the service and of one of its engine processes over predictions
 * through HTTP, 20,000 unless told otherwise.
 *
 *     node bench/memory.ts [--short] [predictions]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, describeMachine, eachOpen, raw, result, root, short } from './harness.ts';
import { childrenOf, residentMegabytes, startService } from './service.ts';

const given = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const PREDICTIONS = short ? 400 : Number(given ?? 20_000);
const STAGES = 10;

describeMachine();
const samples = join(root, 'models/mnist/samples');
const images = await Promise.all(
  (await readdir(samples)).flatMap(async (label) => {
    const files = await readdir(join(samples, label));
    return Promise.all(files.map((file) => readFile(join(samples, label, file))));
  }),
).then((lists) => lists.flat());
const service = await startService({ MODEL_DIR: join(root, 'models/mnist') });
const [engine] = await childrenOf(service.pid);
check(engine !== undefined, 'the service has no engine process');
const http: number[] = [];
const inference: number[] = [];
for (let stage = 0; stage < STAGES; stage++) {
  await eachOpen(PREDICTIONS / STAGES, 32, async (i) => {
    const response = await fetch(`${service.url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(images[i % images.length]!),
    });
    const body = await response.text();
    check(response.status === 200 || response.status === 202, `status ${response.status}: ${body}`);
  });
  http.push(await residentMegabytes(service.pid));
  inference.push(await residentMegabytes(engine));
}
raw('service, MB after each tenth', http);
raw('engine, MB after each tenth', inference);
result('memory', {
  predictions: PREDICTIONS,
  service_mb: http.at(-1)!,
  engine_mb: inference.at(-1)!,
  service_growth: http.at(-1)! / http[Math.floor(STAGES / 2)]!,
  engine_growth: inference.at(-1)! / inference[Math.floor(STAGES / 2)]!,
});
await service.stop();
