import packageJson from '../../package.json' with { type: 'json' };
import { defineCommand } from '../command-line/command.ts';
import { choice, number, required, text } from '../command-line/options.ts';
import { requireFile, requireFolder } from '../command-line/output-path.ts';
import { progressOf } from '../command-line/progress.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { writeJson } from '../command-line/write-file.ts';
import type { Goal } from '../study/calibration/choose-rule.ts';
import { alarmSight } from '../study/calibration/alarm-sight.ts';
import { describeCalibration } from '../study/calibration/describe-calibration.ts';
import { keepFormerGate, nameForFormerGate } from '../study/calibration/former-gate.ts';
import {
  CALIBRATION_SIGNALS,
  gateFileOf,
  runCalibration,
  TooFewImagesError,
} from '../study/calibration/run-calibration.ts';
import { EXIT } from '../service/exit-codes.ts';

const between = (value: number): boolean => value > 0 && value < 1;

export const calibrate = defineCommand({
  description: [
    'Measures labelled images with the engine that serves, and writes the gate whose automatic labels ' +
      'are wrong at most as often as --risk says; with --coverage instead the gate that labels so large a ' +
      'share, and how often it errs. Half of the images choose the threshold, the other half prove it.',
    'The gate file that is there is kept beside the new one. Where no gate can be had none is written. A ' +
      'run that was interrupted goes on when it is started again.',
  ],
  alternatives: '(--risk <share> | --coverage <share>)',
  options: {
    data: required({
      value: 'path',
      description: 'the images: folder, .csv, .jsonl or …images-idx3-ubyte[.gz]',
    }),
    risk: number({
      ...{ value: 'share', description: 'of automatic labels that may be wrong', default: undefined },
      ...{ expected: 'between 0 and 1', accepts: between },
    }),
    coverage: number({
      ...{
        value: 'share',
        description: 'of images that are to be labelled automatically',
        default: undefined,
      },
      ...{ expected: 'above 0 and at most 1', accepts: (value) => value > 0 && value <= 1 },
    }),
    confidence: number({
      ...{ value: 'share', description: 'how sure the promise is', default: 0.95 },
      ...{ expected: 'between 0 and 1', accepts: between },
    }),
    signal: choice({
      value: 'signal',
      description: 'what images are ranked by; best: what lets most through at the promise',
      words: CALIBRATION_SIGNALS,
      default: 'best',
    }),
    veto: number({
      value: 'share',
      description:
        'of automatic labels that the limit on the sensitivity lets through, beyond which a person ' +
        'decides; 1 for no limit',
      ...{ default: 0.99, expected: 'above 0 and at most 1', accepts: (value) => value > 0 && value <= 1 },
    }),
    unfamiliar: number({
      value: 'share',
      description: 'of images like these that may go to a person as unlike them; 0 to ask nothing of it',
      ...{ default: 0.01, expected: 'from 0 to below 1', accepts: (value) => value >= 0 && value < 1 },
    }),
    method: choice({
      ...{ value: 'method', description: 'how --risk is proven' },
      words: ['fixed-sequence'],
    }),
    model: text({
      value: 'folder',
      description: 'of the model',
      shownDefault: 'the shipped models/fashion-mnist',
    }),
    split: text({ value: 'file:name', description: 'only the images of this split of an IDX file' }),
    labels: text({ value: 'file', description: 'labels of an IDX file, where they are not beside it' }),
    out: text({ value: 'file', description: 'the gate', shownDefault: 'gate.json beside the model' }),
    report: text({
      ...{ value: 'file', description: 'what was left out, and how signals compare' },
      shownDefault: '<out>.report.json',
    }),
    work: text({
      value: 'folder',
      description: 'measurements, for a run that goes on',
      shownDefault: 'a temporary one',
    }),
  },
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong, EXIT.noGate],
  example: 'sensigate calibrate --data labelled/ --risk 0.01',
  run: async ({ out: wanted, report: reportFile, risk, coverage, confidence, method, ...run }) => {
    const goal = goalOf({ risk, coverage, confidence, method });
    const out = wanted ?? gateFileOf(run.model);
    const report = reportFile ?? out.replace(/(\.json)?$/, '.report.json');
    await requireFile('--out', out);
    await requireFile('--report', report);
    if (run.work !== undefined) await requireFolder('--work', run.work);
    const former = await nameForFormerGate(out);
    if (former !== null)
      console.error(`${out} is there: if a new gate takes its place, it is kept as ${former}`);
    const tool = `${packageJson.name} ${packageJson.version}`;
    const calibrated = await runCalibration({ ...run, goal, tool, onProgress: progressOf }).catch(fewImages);
    if (calibrated === null) return EXIT.noGate;
    const { outcome, gate, problems, standings } = calibrated;
    const sight = gate && alarmSight(gate);
    await writeJson(report, { outcome, gate, standings, alarm_sight: sight, left_out: problems });
    const kept = gate === null ? null : await keepFormerGate(out);
    if (gate !== null) await writeJson(out, gate);
    for (const line of describeCalibration(calibrated, { goal, out, report })) console.log(line);
    if (gate === null) return EXIT.noGate;
    if (kept !== null) console.log(`the gate that was there is kept: ${kept}`);
    const options = `${run.model === undefined ? '' : `--model ${run.model} `}--gate ${out}`;
    console.log(
      'to serve it: a service that has this file as its gate takes it within GATE_CHECK_MS (5 s), or at ' +
        `SIGHUP at once; else start one: ./sensigate serve ${options}`,
    );
    return EXIT.done;
  },
});

/** Says on standard output that no gate can be had, as for any other reason. */
function fewImages(error: unknown): null {
  if (!(error instanceof TooFewImagesError)) throw error;
  console.log(error.message);
  return null;
}

interface GoalValues {
  readonly risk: number | undefined;
  readonly coverage: number | undefined;
  readonly confidence: number;
  readonly method: 'fixed-sequence' | undefined;
}

/** @throws UsageError */
function goalOf({ risk, coverage, confidence, method }: GoalValues): Goal {
  if (risk !== undefined && coverage === undefined) return { method: 'fixed_sequence', risk, confidence };
  if (method !== undefined) throw new UsageError(`expected --method ${method} with --risk alone`);
  if (coverage !== undefined && risk === undefined) return { method: 'coverage', coverage, confidence };
  throw new UsageError('expected one of --risk and --coverage');
}
