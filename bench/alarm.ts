/**
 * How often does the alarm for change cry wolf, and after how many images does it tell of junk? Each stream
 * has a calibration that is drawn anew. False alarms: at most 1 in 100 within a million images like
 * calibration's.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { clopperPearson } from '../src/numerics/risk/clopper-pearson.ts';
import {
  ALARM_ERROR,
  ALARM_EVIDENCE,
  ALARM_IMAGES,
  smallestShares,
} from '../src/numerics/sequential/alarm-plan.ts';
import { simulateWatch, UNFAMILIAR } from '../support/simulated-calibration.ts';
import { check, describeMachine, median, quantile, result, short } from './harness.ts';

const STREAMS = short ? 8 : 500;
const IMAGES = short ? 5000 : ALARM_IMAGES;
/** Whose false alarms are counted, and whose delays are. */
const COUNTED = 2000;
const CALIBRATIONS = [300, COUNTED, 10_000];
const JUNK = [0.02, 0.03, 0.05, 0.1, 0.3];
const DELAYS = short ? 5 : 200;
/** Images like calibration's before the junk begins. */
const BEFORE = 2000;
/** After which it is not waited for any more. */
const MOST = 100_000;

function hasFalseAlarm(seed: number): boolean {
  const { evidence, draw } = simulateWatch(seed, COUNTED);
  for (let i = 0; i < IMAGES; i++) {
    draw(0);
    if (evidence.value >= ALARM_EVIDENCE) return true;
  }
  return false;
}

function delay(seed: number, calibration: number, junk: number): number {
  const { evidence, draw } = simulateWatch(seed, calibration);
  for (let i = 0; i < BEFORE; i++) draw(0);
  let images = 0;
  for (; evidence.value < ALARM_EVIDENCE && images < MOST; images++) draw(junk);
  return images;
}

async function falseAlarms(): Promise<number> {
  const seeds = Array.from({ length: STREAMS }, (_, i) => i + 1);
  const threads = availableParallelism();
  const counts = await Promise.all(
    Array.from({ length: threads }, (_, thread) => {
      const part = seeds.filter((seed) => seed % threads === thread);
      const worker = new Worker(new URL(import.meta.url), { workerData: part, argv: process.argv.slice(2) });
      return new Promise<number>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    }),
  );
  return counts.reduce((a, b) => a + b);
}

if (!isMainThread) {
  const seeds = workerData as readonly number[];
  parentPort!.postMessage(seeds.filter(hasFalseAlarm).length);
} else {
  describeMachine();
  const alarms = await falseAlarms();
  const [, upper] = clopperPearson(alarms, STREAMS, 0.1);
  check(short || upper <= ALARM_ERROR, `${alarms} of ${STREAMS} streams without a change have an alarm`);
  result('false alarms', { calibration: COUNTED, streams: STREAMS, images: IMAGES, alarms, upper });
  for (const calibration of CALIBRATIONS) {
    for (const junk of JUNK) {
      const delays = Array.from({ length: DELAYS }, (_, i) => delay(i + 1, calibration, junk));
      const [middle, most] = [median(delays), quantile(delays, 0.9)];
      result('images until junk is told', { calibration, junk, median: middle, in_90_of_100: most });
    }
    const reference = { beyond: Math.round(UNFAMILIAR * calibration), weight: 0.5 };
    for (const { within, share } of smallestShares(calibration, reference, [1000, 4000, 20_000]))
      result('smallest share that calibrate says', { calibration, within, share });
  }
}
