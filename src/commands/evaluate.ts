import packageJson from '../../package.json' with { type: 'json' };
import { defineCommand } from '../command-line/command.ts';
import { choice, number, required, text } from '../command-line/options.ts';
import { requireFile } from '../command-line/output-path.ts';
import { progressOf } from '../command-line/progress.ts';
import { writeJson, writeWhole } from '../command-line/write-file.ts';
import { EVALUATION_SHIFTS, runEvaluation } from '../study/evaluation/run-evaluation.ts';
import { markdownTables } from '../study/report/markdown.ts';
import { renderReport } from '../study/report/report.ts';
import { EXIT } from '../service/exit-codes.ts';

export const evaluate = defineCommand({
  description: [
    'Measures labelled images, compares every signal with max-softmax on them, and says what the gate’s ' +
      'decisions on them are worth: how many images it labels, how many of those are wrong, and how long ' +
      'people need for the rest.',
  ],
  options: {
    data: required({
      value: 'path',
      description: 'the images: folder, .csv, .jsonl or …images-idx3-ubyte[.gz]',
    }),
    model: text({
      value: 'folder',
      description: 'of the model',
      shownDefault: 'the shipped models/fashion-mnist',
    }),
    gate: text({
      ...{ value: 'file', description: 'the gate; where the model has none signals alone are compared' },
      shownDefault: 'gate.json beside the model',
    }),
    'risk-model': text({
      ...{ value: 'file', description: 'gate file whose model of the signal risk is evaluated' },
      shownDefault:
        'the gate’s; where it has none one that is fitted on these images, each judged by a model of the ' +
        'others',
    }),
    split: text({ value: 'file:name', description: 'only the images of this split of an IDX file' }),
    labels: text({ value: 'file', description: 'labels of an IDX file, where they are not beside it' }),
    shift: choice({
      value: 'name',
      description: 'the images as they are, and shifted; all: in each way, and all of these together',
      words: EVALUATION_SHIFTS,
    }),
    limit: number({
      ...{ value: 'count', description: 'images at most, spread evenly over the data', default: undefined },
      ...{ expected: '1 or more', accepts: (value) => value >= 1 },
    }),
    pace: number({
      ...{ value: 'seconds', description: 'that a person takes for a label', default: 20 },
      ...{ expected: 'in seconds, more than 0', accepts: (value) => value > 0 },
    }),
    pictures: number({
      ...{ value: 'count', description: 'of each kind to look at, on the page', default: 12 },
      ...{ expected: '0 or more', accepts: (value) => value >= 0 },
    }),
    out: text({ value: 'file', description: 'the report as one page of HTML that needs nothing else' }),
    json: text({ value: 'file', description: 'the report for programs' }),
  },
  exitCodes: [EXIT.done, EXIT.failed, EXIT.wrong],
  example: 'sensigate evaluate --data labelled/ --out report.html',
  run: async ({ data, model, gate, split, labels, shift, limit, pace, pictures, out, json, ...others }) => {
    if (json !== undefined) await requireFile('--json', json);
    if (out !== undefined) await requireFile('--out', out);
    const { report, galleries } = await runEvaluation({
      ...{ data, model, gate, split, labels, shift },
      riskModel: others['risk-model'],
      limit: limit ?? Infinity,
      secondsPerLabel: pace,
      pictures: out === undefined ? null : pictures,
      onProgress: progressOf,
      onNoGate: (message) => {
        console.error(`${message}; signals alone are compared`);
      },
      version: packageJson.version,
    });
    console.log(markdownTables(report));
    if (json !== undefined) await writeJson(json, report);
    if (out !== undefined) await writeWhole(out, renderReport(report, galleries));
    return EXIT.done;
  },
});
