import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { SignalComparison } from '../evaluation/compare-signals.ts';
import { type Html, raw } from './html.ts';
import type { LogHistogram } from '../evaluation/log-histogram.ts';
import type { ReliabilityBin } from '../evaluation/reliability.ts';
import { inTableOrder, signalStyle } from './signal-style.ts';
import { largest } from '../../numerics/extremes.ts';

const WIDTH = 720;

/** Coverage below which risk is that of too few images to say anything. */
const LEAST_COVERAGE = 0.1;

/** Risk over coverage, one line a signal; that of max-softmax lies on top. */
export function riskCoveragePlot(signals: readonly SignalComparison[], coverage: number | null): Html {
  const drawn = inTableOrder(signals).toReversed();
  const risks = drawn.flatMap(({ curve }) =>
    curve.filter(([c]) => c >= LEAST_COVERAGE).map(([, risk]) => risk),
  );
  const most = Math.max(0.001, largest(risks));
  return svg('Error rate among automatic labels over their share, one line a signal', {
    height: 420,
    x: {
      label: 'share labelled automatically (coverage) →',
      labelOffset: 42,
      domain: [0, 1],
      tickFormat: '.0%',
    },
    y: { label: '↑ error rate among them (risk)', domain: [0, most], tickFormat: percent, grid: true },
    marks: [
      ...(coverage === null
        ? []
        : [
            Plot.ruleX([coverage], { stroke: 'var(--ink)', strokeOpacity: 0.5 }),
            Plot.text([{ x: coverage }], {
              x: 'x',
              frameAnchor: 'top',
              text: () => 'this gate',
              textAnchor: 'end',
              dx: -5,
              dy: 2,
            }),
          ]),
      ...drawn.map(({ signal, curve }) => {
        const { colour, dash, width } = signalStyle(signal);
        return Plot.line(
          curve.filter(([c]) => c >= 1 / 50),
          {
            x: (point: Point) => point[0],
            y: (point: Point) => point[1],
            stroke: colour,
            strokeDasharray: dash,
            strokeWidth: width,
            clip: true,
          },
        );
      }),
    ],
  });
}

type Point = readonly [number, number];

/** Share of the right and of the wrong answers by sensitivity. */
export function sensitivityPlot({ edges, right, wrong }: LogHistogram, threshold: number | null): Html {
  const bars = (counts: readonly number[]): { x1: number; x2: number; share: number }[] => {
    const all = counts.reduce((a, b) => a + b, 0) || 1;
    return counts.map((count, i) => ({ x1: edges[i]!, x2: edges[i + 1]!, share: count / all }));
  };
  const least = edges[0]!;
  const most = edges.at(-1)!;
  const decades = Array.from(
    { length: Math.floor(Math.log10(most)) - Math.ceil(Math.log10(least)) + 1 },
    (_, i) => 10 ** (Math.ceil(Math.log10(least)) + i),
  );
  const every = Math.ceil(decades.length / 9);
  const shown = threshold !== null && threshold > least && threshold < most ? threshold : null;
  const area = (counts: readonly number[], colour: string, hatch: number): Plot.Markish[] => [
    Plot.rect(bars(counts), {
      x1: 'x1',
      x2: 'x2',
      y1: 0,
      y2: 'share',
      fill: colour,
      fillOpacity: hatch,
      inset: 0,
    }),
    Plot.line(
      bars(counts).flatMap(({ x1, x2, share }) => [
        [x1, share],
        [x2, share],
      ]),
      { stroke: colour, strokeWidth: 1.8 },
    ),
  ];
  return svg('Sensitivity of right and of wrong answers', {
    height: 320,
    x: {
      type: 'log',
      domain: [least, most],
      ticks: decades.filter((_, i) => i % every === 0),
      tickFormat: powerOfTen,
      label: 'sensitivity (log scale) →',
      labelOffset: 42,
    },
    y: { label: '↑ share of the right, or wrong, answers', tickFormat: percent, grid: true },
    marks: [
      ...area(right, 'var(--blue)', 0.25),
      ...area(wrong, 'var(--vermilion)', 0.25),
      ...(shown === null
        ? []
        : [
            Plot.ruleX([shown], { stroke: 'var(--ink)', strokeDasharray: '5 3' }),
            Plot.text([{ x: shown }], {
              x: 'x',
              frameAnchor: 'top',
              text: () => 'threshold',
              textAnchor: 'end',
              dx: -5,
              dy: 2,
            }),
          ]),
    ],
  });
}

/** What was said of the risk, and what came of it; square-root scales, since most risks are small. */
export function reliabilityPlot(bins: readonly ReliabilityBin[]): Html {
  const most = Math.min(1, 1.05 * largest(bins.flatMap(({ said, interval }) => [said, interval[1]])));
  const scale = { type: 'sqrt', domain: [0, most], tickFormat: percent, grid: true } as const;
  return svg('Risk as said, and share that was wrong', {
    width: 460,
    height: 440,
    x: { ...scale, label: 'risk that was said →', labelOffset: 42 },
    y: { ...scale, label: '↑ share that was wrong' },
    marks: [
      Plot.line(
        [
          [0, 0],
          [most, most],
        ],
        { stroke: 'var(--ink)', strokeDasharray: '5 3', strokeOpacity: 0.6 },
      ),
      Plot.ruleX(bins, {
        x: 'said',
        y1: ({ interval }: ReliabilityBin) => interval[0],
        y2: ({ interval }: ReliabilityBin) => interval[1],
        stroke: 'var(--blue)',
        strokeWidth: 1.8,
      }),
      Plot.dot(bins, { x: 'said', y: 'observed', fill: 'var(--blue)', r: 4.5 }),
    ],
  });
}

function percent(value: number): string {
  return `${Number((100 * value).toPrecision(3))}%`;
}

function powerOfTen(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (exponent >= -2 && exponent <= 3) return String(Number((10 ** exponent).toPrecision(3)));
  return `10${String(exponent).replace(/./g, (character) => SUPERSCRIPTS['-0123456789'.indexOf(character)]!)}`;
}

const SUPERSCRIPTS = '⁻⁰¹²³⁴⁵⁶⁷⁸⁹';

/** The plot as SVG markup, drawn without a browser. */
function svg(label: string, options: Plot.PlotOptions): Html {
  // The types of neither library find the DOM, which only browsers have.
  const { document } = parseHTML('<!doctype html><html></html>') as unknown as { readonly document: object };
  const plot: unknown = Plot.plot({
    width: WIDTH,
    marginLeft: 56,
    marginBottom: 48,
    marginRight: 24,
    ariaLabel: label,
    ...options,
    ...{ document },
  });
  return raw((plot as { readonly outerHTML: string }).outerHTML);
}
