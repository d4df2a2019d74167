import type { SignalComparison } from '../evaluation/compare-signals.ts';
import type { Report } from './report-content.ts';
import { inTableOrder, signalStyle } from './signal-style.ts';
import { largest } from '../../numerics/extremes.ts';

/**
 * The report's figures as Markdown: for each part the signals against max-softmax, and what the gate did; all
 * parts at a glance.
 */
export function markdownTables(report: Report): string {
  return [partTables(report), ...(report.parts.length > 1 ? [overview(report)] : [])].join('\n');
}

/** Area under the risk–coverage curve of every signal in every part, and what the gate did there. */
function overview({ parts, gate }: Report): string {
  const names = parts.map(({ name }) => name);
  const aurcOf = (signal: string): readonly string[] =>
    parts.map(({ evaluation }) =>
      fixed(1000 * evaluation.signals.find((one) => one.signal === signal)!.metrics.aurc.value, 1),
    );
  const lines = [
    '### AURC ×1000 at a glance',
    '',
    table([
      ['signal', ...names],
      ['wrong in all', ...parts.map(({ evaluation }) => percent(evaluation.errors / evaluation.images))],
      ...inTableOrder(parts[0]!.evaluation.signals).map(({ signal }) => [
        signalStyle(signal).name,
        ...aurcOf(signal),
      ]),
    ]),
    '',
  ];
  if (gate === null) return lines.join('\n');
  return [
    ...lines,
    '### The gate at a glance',
    '',
    table([
      ['images', 'of them', 'automatic', 'wrong', 'selective risk', '95% interval'],
      ...parts.map(({ name, evaluation: { images, gate: outcome } }) => {
        const { labels, errors, risk, interval } = outcome!.automatic;
        return [
          name,
          String(images),
          `${labels} (${percent(outcome!.coverage)})`,
          String(errors),
          risk === null ? '–' : percent(risk),
          `${percent(interval[0])} to ${percent(interval[1])}`,
        ];
      }),
    ]),
    '',
  ].join('\n');
}

function partTables({ parts, gate, risk_is_cross_fitted: crossFitted }: Report): string {
  return parts
    .map(({ name, evaluation }) => {
      const { images, errors, gate: outcome, confidence, risk } = evaluation;
      const lines = [
        `### ${name}`,
        '',
        `${errors} of ${images} images wrong (${percent(errors / images)}).`,
        ...(gate === null || outcome === null
          ? []
          : [
              `The gate on ${signalStyle(gate.signal).name} labels ${percent(outcome.coverage)} by itself, ` +
                `${outcome.automatic.errors} of ${outcome.automatic.labels} wrong` +
                (outcome.automatic.risk === null
                  ? '.'
                  : `: ${percent(outcome.automatic.risk)}, ${Number((100 * confidence).toPrecision(4))}% interval ` +
                    `${percent(outcome.automatic.interval[0])} to ` +
                    `${percent(outcome.automatic.interval[1])}.`),
            ]),
        ...(risk === null
          ? []
          : [
              `Risk is off by ${percent(risk.calibration_error)} on average (expected calibration error)` +
                (crossFitted ? ', each image judged by a model that was fitted on others of these.' : '.'),
            ]),
        '',
        table([HEAD, ...inTableOrder(evaluation.signals).map(rowOf)]),
        '',
      ];
      return lines.join('\n');
    })
    .join('\n');
}

const HEAD = [
  'signal',
  'AUROC',
  'AURC ×1000',
  'less max-softmax (95%)',
  'E-AURC ×1000',
  'AUGRC ×1000',
  'less max-softmax (95%)',
  'FPR95',
  'coverage at 0.5%',
  '1%',
  '2%',
  '5% risk',
];

function rowOf({ signal, metrics }: SignalComparison): readonly string[] {
  const difference = (metric: 'aurc' | 'augrc'): string => {
    const { difference: of } = metrics[metric];
    if (of === null) return '';
    const [low, high] = of.interval.map((value) => fixed(1000 * value, 2));
    return `${fixed(1000 * of.value, 2)} (${low} to ${high})`;
  };
  return [
    signalStyle(signal).name,
    fixed(metrics.auroc.value, 3),
    fixed(1000 * metrics.aurc.value, 2),
    difference('aurc'),
    fixed(1000 * metrics.excess_aurc.value, 2),
    fixed(1000 * metrics.augrc.value, 2),
    difference('augrc'),
    percent(metrics.fpr_at_95_tpr.value),
    percent(metrics['coverage_at_0.5%'].value),
    percent(metrics['coverage_at_1%'].value),
    percent(metrics['coverage_at_2%'].value),
    percent(metrics['coverage_at_5%'].value),
  ];
}

/** Columns of one width, the first to the left and numbers to the right, as Prettier writes them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(3, largest(rows.map((row) => row[column]!.length))));
  const line = (row: readonly string[]): string =>
    '| ' +
    `${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(rows[0]!), `| ${rule.join(' | ')} |`, ...rows.slice(1).map(line)].join('\n');
}

function fixed(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : '–';
}

function percent(value: number): string {
  return Number.isFinite(value) ? `${Number((100 * value).toPrecision(3))}%` : '–';
}
