/**
 * The engine's processes are killed while `sensigate calibrate` measures, until that is an error; the same
 * command then goes on to a gate. In the long form `evaluate` runs besides with a model so slow that images
 * wait for minutes, which once lost those that had waited for two.
 *
 *     node faults/run.ts slow-study
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadModel } from '../src/model/load.ts';
import { writeSlowModel } from '../support/slow-model.ts';
import { attempt, check, finallyDo, long, newFolder, root } from './harness.ts';
import { survived } from './report.ts';
import { childrenOf, signalTo } from './service.ts';

const CLOTHING = join(root, 'models/fashion-mnist');
const IMAGES = join(CLOTHING, 'test-split/t10k-images-idx3-ubyte.gz');
const CALIBRATED = 1000;
/** Of this many the last waits for more than two minutes on two cores. */
const SLOW = 150;
const SLOW_LAYERS = 120;

interface Ended {
  readonly code: number | null;
  readonly errors: string;
}

function command(args: readonly string[]): {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [join(root, 'src/main.ts')].concat(args), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  finallyDo(() => void child.kill('SIGKILL'));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const ended = Promise.all([closed, text(child.stderr)]).then(([[code], errors]) => ({ code, errors }));
  return { child, ended };
}

interface Report {
  readonly left_out?: readonly { readonly kind: string }[];
  readonly problems?: readonly { readonly kind: string }[];
}

async function unmeasuredIn(file: string): Promise<number> {
  const { left_out: leftOut, problems } = JSON.parse(await readFile(file, 'utf8')) as Report;
  const all = leftOut ?? problems;
  check(all !== undefined, `${file} does not say what was left out`);
  return all.filter(({ kind }) => kind === 'not_measurable').length;
}

/** Until more than a few images have been measured. */
async function measuring(work: string): Promise<void> {
  for (;;) {
    const files = await readdir(work).catch(() => []);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(work, file))).size));
    if (sizes.some((size) => size > 50_000)) return;
    await sleep(20);
  }
}

async function killed(): Promise<void> {
  const folder = await newFolder();
  const splits = join(folder, 'splits.json');
  await writeFile(
    splits,
    JSON.stringify({ indices: { some: Array.from({ length: CALIBRATED }, (_, i) => i) } }),
  );
  const report = join(folder, 'report.json');
  const work = join(folder, 'work');
  const calibration = ['calibrate', '--data', IMAGES, '--split', `${splits}:some`, '--signal', 'confidence'];
  const goal = ['--coverage', '0.8', '--work', work, '--out', join(folder, 'gate.json')];
  const args = [...calibration, ...goal, '--report', report];
  const first = command(args);
  let kills = 0;
  await measuring(work);
  while (first.child.exitCode === null) {
    for (const pid of await childrenOf(first.child.pid!)) if (signalTo(pid, 'SIGKILL')) kills++;
    await sleep(5);
  }
  const { code, errors } = await first.ended;
  check(code === 1, `expected exit code 1 where the engine dies again and again, got ${code}: ${errors}`);
  check(/lost \d+ until now/.test(errors), `expected to be told what was lost, got: ${errors}`);
  const second = await command(args).ended;
  check(second.code === 0, `the same command ends with ${second.code} afterwards: ${second.errors}`);
  const lost = await unmeasuredIn(report);
  check(lost === 0, `${lost} of ${CALIBRATED} images are left out although the engine works again`);
  survived({
    fault: 'engine killed under calibrate',
    done: `${kills} kills, ${CALIBRATED} images`,
    found: null,
    note: 'exit code 1, then 0 and none left out by the same command',
  });
}

async function slow(): Promise<void> {
  const { labels } = (await loadModel(CLOTHING)).manifest;
  const model = await writeSlowModel(labels, SLOW_LAYERS);
  finallyDo(() => rm(model, { recursive: true, force: true }));
  const report = join(await newFolder(), 'report.json');
  const began = performance.now();
  const { code, errors } = await command([
    ...['evaluate', '--data', IMAGES, '--limit', String(SLOW)],
    ...['--model', model, '--json', report],
  ]).ended;
  const seconds = (performance.now() - began) / 1000;
  check(code === 0, `evaluate ends with ${code}: ${errors}`);
  const lost = await unmeasuredIn(report);
  check(lost === 0, `${lost} of ${SLOW} images are left out with a slow model`);
  survived({
    fault: 'slow model under evaluate',
    done: `${SLOW} images`,
    found: null,
    note: `${(seconds / SLOW).toFixed(1)} s an image, ${seconds.toFixed(0)} s in all; none left out`,
  });
}

await attempt(async () => {
  await killed();
  if (long) await slow();
});
