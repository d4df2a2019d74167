import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decide, measuredFor } from '../../src/gate/decide.ts';
import { readGate } from '../../src/gate/read-gate.ts';
import { createDecode } from '../../src/model/decode.ts';
import { loadModel } from '../../src/model/load.ts';
import { procedureOf, hashPixels, measureInput } from '../../src/prediction/measure-input.ts';
import type { Report } from '../../src/study/report/report-content.ts';
import { startEngine } from '../engine/start-engine.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const model = join(root, 'models/fashion-mnist');
const evaluate = (...args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [join(root, 'src/main.ts'), 'evaluate', ...args], { cwd: root });

describe('sensigate evaluate', { timeout: 300_000 }, () => {
  let report: Report;
  let page: string;
  let printed: string;

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sensigate-evaluate-'));
    const [out, json] = [join(folder, 'report.html'), join(folder, 'report.json')];
    const data = ['--data', join(model, 'samples'), '--limit', '200', '--pictures', '1'];
    ({ stdout: printed } = await evaluate(...data, '--out', out, '--json', json));
    report = JSON.parse(await readFile(json, 'utf8')) as Report;
    page = await readFile(out, 'utf8');
  });

  it('evaluates as many images as it was told, of all classes alike', () => {
    const { evaluation } = report.parts[0]!;
    assert.equal(evaluation.images, 200);
    assert.deepEqual(
      evaluation.gate!.classes.map(({ images }) => images),
      Array<number>(10).fill(20),
    );
  });

  it('has every signal in JSON, in print and on the page', () => {
    const signals = report.parts[0]!.evaluation.signals.map(({ signal }) => signal);
    for (const signal of ['confidence', 'sensitivity', 'log_sensitivity', 'agreement', 'agreement_mirror']) {
      assert.ok(signals.includes(signal), signal);
    }
    assert.match(printed, /\| max-softmax +\| 0\.\d{3} /);
    assert.match(page, /agreement, mirror/);
    assert.equal(page.match(/src="data:image\/png/g)!.length, 4);
  });

  it('decides each image as the service does', async () => {
    const loaded = await loadModel(model);
    const gate = await readGate(join(model, 'gate.json'), loaded.digest);
    const engine = startEngine(loaded);
    const decode = createDecode(loaded.manifest, 1e6);
    // The gate's outcome is summed over images; one class of them is enough to be measured again.
    const folder = join(model, 'samples/Shirt');
    const files = (await readdir(folder)).sort().map((file) => join(folder, file));
    let automatic = 0;
    try {
      for (const file of files.filter((_, i) => takes(i + 6 * 25))) {
        const { pixels } = await decode(await readFile(file));
        const { result } = await measureInput(
          engine,
          pixels,
          hashPixels(pixels),
          loaded.digest,
          procedureOf(gate),
          60_000,
        );
        if (decide(measuredFor(gate, result!), gate, false).decision === 'auto') automatic++;
      }
    } finally {
      engine.close();
    }
    const shirts = report.parts[0]!.evaluation.gate!.classes.find(({ label }) => label === 6)!;
    assert.equal(shirts.automatic.labels, automatic);
  });

  it('refuses what it does not know, and says what it expects', async () => {
    for (const [args, message] of [
      [['--data', 'x', '--shift', 'fog'], /expected --shift noise/],
      [['--data', 'x', '--limit', '0'], /expected --limit 1 or more/],
      [[], /expected --data/],
    ] as const) {
      await assert.rejects(evaluate(...args), (error: Error & { code: number; stderr: string }) => {
        assert.equal(error.code, 2);
        assert.match(error.stderr, message);
        return true;
      });
    }
  });
});

/** Whether the image at this place is among 200 spread evenly over 250. */
function takes(place: number): boolean {
  return Array.from({ length: 200 }, (_, i) => Math.floor((i * 250) / 200)).includes(place);
}
