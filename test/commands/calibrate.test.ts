import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as later } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GateFile } from '../../src/gate/gate.ts';
import { readGate } from '../../src/gate/read-gate.ts';
import { loadModel } from '../../src/model/load.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const MODEL = join(root, 'models/mnist');
/** 250 test images, 25 a class. */
const SAMPLES = join(MODEL, 'samples');

interface Run {
  readonly code: number | null;
  readonly out: string;
}

function start(args: readonly string[]): { readonly run: Promise<Run>; readonly kill: () => void } {
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'calibrate', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out += data.toString()));
  return {
    run: once(child, 'exit').then(([code]) => ({ code: code as number | null, out })),
    kill: () => child.kill('SIGKILL'),
  };
}

const calibrate = (args: readonly string[]): Promise<Run> => start(args).run;

describe('sensigate calibrate', () => {
  let folder: string;
  let common: string[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sensigate-test-'));
    common = ['--model', MODEL, '--data', SAMPLES];
  });
  after(() => rm(folder, { recursive: true }));
  const into = (name: string): string[] => [
    ...['--out', join(folder, `${name}.json`)],
    ...['--work', join(folder, `${name}-work`)],
  ];
  const gateAt = async (name: string): Promise<GateFile> =>
    JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as GateFile;

  it('writes a gate of this model with what it proved and on what', async () => {
    const { code, out } = await calibrate([...common, '--coverage', '0.9', ...into('covered')]);
    assert.equal(code, 0, out);
    const { digest } = await loadModel(MODEL);
    const gate = await readGate(join(folder, 'covered.json'), digest);
    const { fit, certification, proven, target, data, sensitivity_quantiles } = gate.calibration;
    assert.equal(fit.images + certification.images, 250);
    assert.notEqual(fit.hash, certification.hash);
    assert.deepEqual(target, { risk: null, coverage: 0.9 });
    assert.ok(proven && proven.risk > 0 && proven.risk < 0.1 && proven.confidence === 0.95);
    assert.equal(data, 'samples');
    assert.equal(sensitivity_quantiles.length, 101);
    // Half of 250 images at 90%, give or take four standard deviations.
    assert.ok(Math.abs(certification.accepted / certification.images - 0.9) < 4 * Math.sqrt(0.09 / 125));
  });

  it('writes nothing where labels are too few for the promise, and says how many it takes', async () => {
    const path = join(folder, 'few.json');
    await writeFile(path, 'the gate that was there');
    const { code, out } = await calibrate([...common, '--risk', '0.001', ...into('few')]);
    assert.equal(code, 3, out);
    assert.match(out, /insufficient_labels.*About \d+ labelled images/s);
    assert.equal(await readFile(path, 'utf8'), 'the gate that was there');
    const report = JSON.parse(await readFile(join(folder, 'few.report.json'), 'utf8')) as {
      outcome: { outcome: string; labelsNeeded: number };
    };
    assert.equal(report.outcome.outcome, 'insufficient_labels');
    // ln(0.05)/ln(0.999), without an error.
    assert.ok(report.outcome.labelsNeeded >= 2995);
  });

  it('keeps the gate that is there beside the new one, and says how to serve that', async () => {
    const first = await calibrate([...common, '--coverage', '0.9', ...into('kept')]);
    assert.equal(first.code, 0, first.out);
    assert.doesNotMatch(first.out, /is there|is kept/);
    assert.match(first.out, /within GATE_CHECK_MS .*SIGHUP.*sensigate serve --model .*--gate .*kept\.json/);
    const former = await readFile(join(folder, 'kept.json'), 'utf8');
    const { digest } = await loadModel(MODEL);
    const { id, calibration } = await readGate(join(folder, 'kept.json'), digest);
    const second = await calibrate([...common, '--coverage', '0.8', ...into('kept')]);
    assert.equal(second.code, 0, second.out);
    const kept = (await readdir(folder)).filter((name) => /^kept\.2.*\.json$/.test(name));
    const time = calibration.created.replace(/\.\d+/, '').replaceAll(':', '-');
    assert.deepEqual(kept, [`kept.${time}.${id}.json`]);
    assert.equal(await readFile(join(folder, kept[0]!), 'utf8'), former);
    assert.match(second.out, new RegExp(`kept\\.json is there: .*${kept[0]}`));
    assert.match(second.out, new RegExp(`the gate that was there is kept: .*${kept[0]}`));
    assert.notEqual(await readFile(join(folder, 'kept.json'), 'utf8'), former);
  });

  it('writes no gate where the model errs too often for the promise, and says so with the same exit code', async () => {
    // Labels that are all wrong: those of each class's folder are given to the next one.
    const wrong = join(folder, 'wrong');
    const classes = (await readdir(SAMPLES)).sort();
    for (const [i, name] of classes.entries())
      await cp(join(SAMPLES, name), join(wrong, classes[(i + 1) % classes.length]!), { recursive: true });
    const args = ['--model', MODEL, '--data', wrong, '--risk', '0.3', ...into('erring')];
    const { code, out } = await calibrate(args);
    assert.equal(code, 3, out);
    assert.match(out, /no_certifiable_threshold/);
    await assert.rejects(access(join(folder, 'erring.json')));
  });

  it('goes on after kill -9, to the same gate but for its date', async () => {
    const whole = await calibrate([...common, '--coverage', '0.8', ...into('whole')]);
    assert.equal(whole.code, 0, whole.out);
    const cut = start([...common, '--coverage', '0.8', ...into('cut')]);
    const work = join(folder, 'cut-work');
    // Until some of the measurements are on disk.
    while ((await readdir(work).catch(() => [])).length < 2) await later(5);
    cut.kill();
    await cut.run;
    await assert.rejects(access(join(folder, 'cut.json')));
    const again = await calibrate([...common, '--coverage', '0.8', ...into('cut')]);
    assert.equal(again.code, 0, again.out);
    const undated = (gate: GateFile): GateFile => ({
      ...gate,
      calibration: { ...gate.calibration, created: '' },
    });
    assert.deepEqual(undated(await gateAt('cut')), undated(await gateAt('whole')));
  });

  it('picks the best signal on the fit half and says by how much', async () => {
    const { code, out } = await calibrate([
      ...common,
      ...['--coverage', '0.9', '--signal', 'best'],
      ...into('best'),
    ]);
    assert.equal(code, 0, out);
    const { signal } = await gateAt('best');
    const [first] = /^(\w+): .* AUGRC/m.exec(out)!.slice(1);
    assert.equal(signal, first);
    for (const name of ['sensitivity', 'confidence', 'entropy'])
      assert.match(out, new RegExp(`^${name}: .* no further pass, AUGRC`, 'm'));
  });

  it('says how many images it takes at the least, and exits as where no gate can be had', async () => {
    const few = join(folder, 'few');
    for (const label of ['0', '1']) await cp(join(SAMPLES, label), join(few, label), { recursive: true });
    const { code, out } = await calibrate([
      '--model',
      'models/mnist',
      '--data',
      few,
      '--coverage',
      '0.9',
      ...into('few-images'),
    ]);
    assert.equal(code, 3, out);
    assert.match(out, /expected at least 100 different labelled images, got 50/);
  });

  it('refuses what it cannot do with usage and exit code 2', async () => {
    for (const wrong of [
      [],
      ['--data', SAMPLES],
      ['--data', SAMPLES, '--risk', '2'],
      ['--data', SAMPLES, '--risk', '0.1', '--coverage', '0.9'],
      ['--data', SAMPLES, '--risk', '0.1', '--signal', 'mood'],
      ['--data', SAMPLES, '--rusk', '0.1'],
    ]) {
      const { code, out } = await calibrate(wrong);
      assert.equal(code, 2, wrong.join(' '));
      assert.match(out, /sensigate calibrate --data/);
    }
  });
});
