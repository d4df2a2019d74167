/**
 * What happens when one of three streams changes? 5,000 clothing images each come over HTTP, in turns; from
 * image 2,001 on those of one stream are brighter by 40 of 255. Printed: how many automatic labels of it are
 * wrong from then on, after how many images the alarm stands, and whether the others notice: they are held
 * against a run in which nothing changes.
 *
 *     node bench/stream-shift.ts [--short] [--gate=<file>] [--on-shift=audit|review|alert]
 */
import { join } from 'node:path';
import { readGate } from '../src/gate/read-gate.ts';
import { encodePng } from '../src/model/encode-png.ts';
import { readIdxImages } from '../src/model/idx.ts';
import { loadModel } from '../src/model/load.ts';
import { inParallel } from '../src/dataset/in-parallel.ts';
import type { AlarmsAnswer } from '../src/wire/alarms.ts';
import type { Answer } from '../src/wire/answers.ts';
import { check, describeMachine, result, root, short } from './harness.ts';
import { startService } from './service.ts';

const STREAMS = ['camera-1', 'camera-2', 'camera-3'] as const;
const [CHANGED] = STREAMS;
const IMAGES = short ? 300 : 5000;
const ONSET = short ? 150 : 2000;
const BRIGHTER = 40;
/** Images of one request. */
const TOGETHER = 10;

const option = (name: string, otherwise: string): string =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3) ?? otherwise;

const model = await loadModel(join(root, 'models/fashion-mnist'));
const gateFile = option('gate', join(model.folder, 'gate.json'));
const onShift = option('on-shift', 'review');
const gate = await readGate(gateFile, model.digest);
check(
  gate.calibration.reference !== undefined,
  `${gateFile} does not say what its calibration was like: calibrate one that does, and name it by --gate=`,
);
const test = await readIdxImages(join(model.folder, 'test-split/t10k-images-idx3-ubyte.gz'));

/** Image `i` of a stream: the streams walk through the test split from different places. */
const indexOf = (stream: number, i: number): number => (stream * 3333 + i) % test.count;

interface Seen {
  images: number;
  automatic: number;
  wrong: number;
}

interface Run {
  /** From `ONSET` on, by stream. */
  readonly after: readonly Seen[];
  readonly alarms: AlarmsAnswer['alarms'];
  /** Images of the changed stream until its alarm was shown; null where it never was. */
  readonly told: number | null;
}

async function run(changes: boolean): Promise<Run> {
  const after = STREAMS.map((): Seen => ({ images: 0, automatic: 0, wrong: 0 }));
  const service = await startService({
    GATE_FILE: gateFile,
    STREAMS: STREAMS.join(','),
    ON_SHIFT: onShift,
    MAX_OPEN_ITEMS: '0',
  });
  const alarmsNow = async (): Promise<AlarmsAnswer['alarms']> =>
    ((await (await fetch(`${service.url}/v1/alarms`)).json()) as AlarmsAnswer).alarms;

  const imageOf = (stream: number, i: number): Promise<Uint8Array> => {
    const pixels = test.pixels(indexOf(stream, i));
    const isChanged = changes && STREAMS[stream] === CHANGED && i >= ONSET;
    const shown = isChanged ? pixels.map((value) => Math.min(255, value + BRIGHTER)) : pixels;
    return encodePng(shown, model.shape);
  };

  const send = async (stream: number, from: number): Promise<void> => {
    const form = new FormData();
    for (let i = from; i < from + TOGETHER; i++)
      form.append('image', new Blob([new Uint8Array(await imageOf(stream, i))]), 'a.png');
    const url = `${service.url}/v1/predictions?stream=${STREAMS[stream]}`;
    const answered = await fetch(url, { method: 'POST', body: form });
    check(answered.ok, `the service answers ${answered.status}`);
    const { predictions } = (await answered.json()) as { readonly predictions: readonly Answer[] };
    const seen = after[stream]!;
    for (const [i, { decision, prediction }] of predictions.entries()) {
      if (from + i < ONSET) continue;
      seen.images++;
      if (decision !== 'auto') continue;
      seen.automatic++;
      if (prediction!.index !== test.classOf(indexOf(stream, from + i))) seen.wrong++;
    }
  };

  let told: number | null = null;
  for (let from = 0; from < IMAGES; from += TOGETHER) {
    await inParallel([...STREAMS.keys()], STREAMS.length, (stream) => send(stream, from));
    if (told !== null || from < ONSET) continue;
    if ((await alarmsNow()).some(({ stream }) => stream === CHANGED)) told = from + TOGETHER - ONSET;
  }
  const alarms = await alarmsNow();
  await service.stop();
  return { after, alarms, told };
}

describeMachine();
const quiet = await run(false);
const changed = await run(true);
check(quiet.alarms.length === 0, `nothing changed, and there are ${quiet.alarms.length} alarms`);
for (const [i, stream] of STREAMS.entries()) {
  const [without, seen] = [quiet.after[i]!, changed.after[i]!];
  const shares = [without, seen].map(({ automatic, images }) => automatic / images) as [number, number];
  const alarms = changed.alarms.filter((alarm) => alarm.stream === stream).length;
  result('stream', {
    stream,
    ...{ automatic_without_change: shares[0], automatic: shares[1] },
    ...{ wrong_without_change: without.wrong, wrong: seen.wrong, alarms },
  });
  check(
    stream === CHANGED || Math.abs(shares[1] - shares[0]) < 0.01,
    `the automatic share of ${stream} went from ${shares[0]} to ${shares[1]}`,
  );
}
const { alarms, told } = changed;
const overall = alarms.filter(({ stream }) => stream === null).length;
result('alarm', { on_shift: onShift, images_until_it_is_shown: told ?? -1, over_all: overall });
check(short || told !== null, 'no alarm was raised for the stream that changed');
