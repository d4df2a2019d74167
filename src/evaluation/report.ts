import { reviewScore, type Signal } from '../gate/signals.ts';
import { RANKING_METRICS, type RankingMetric } from '../numerics/ranking-metrics.ts';
import { BASELINE, type Interval, type SignalComparison } from './compare-signals.ts';
import type { Evaluation } from './evaluate.ts';
import type { ErrorCount } from './gate-outcome.ts';
import { type Html, html, raw } from './html.ts';
import { reliabilityPlot, riskCoveragePlot, sensitivityPlot } from './plots.ts';
import { REPORT_STYLE } from './report-style.ts';
import { inTableOrder, isSingleTransform, signalStyle, SINGLE_LINE } from './signal-style.ts';

/** All that a report tells. */
export interface Report {
  readonly tool: string;
  readonly created: string;
  readonly model: { readonly name: string; readonly digest: string };
  /** Of the model. */
  readonly labels: readonly string[];
  readonly data: string;
  /** Null where signals alone are compared. */
  readonly gate: {
    readonly id: string;
    readonly signal: Signal;
    readonly threshold: number;
    readonly confidence_floor: number | null;
  } | null;
  /** Whether the signal `risk` was fitted on these very images, each judged by a model of the others. */
  readonly risk_is_cross_fitted: boolean;
  readonly seconds_per_label: number;
  /** One a shift, and one of all shifts together where there are several. */
  readonly parts: readonly { readonly name: string; readonly evaluation: Evaluation }[];
  readonly problems: readonly { readonly kind: string; readonly where: string; readonly detail: string }[];
}

/** An image to look at. */
export interface Picture {
  readonly where: string;
  readonly label: number;
  readonly predicted: number;
  readonly confidence: number;
  readonly sensitivity: number;
  /** PNG as a data: URI. */
  readonly image: string;
  /** The same of its sensitivity map; null where it could not be made. */
  readonly map: string | null;
}

export interface Gallery {
  readonly title: string;
  readonly pictures: readonly Picture[];
}

/** What is told of a metric, and in which unit. */
const METRICS: Readonly<
  Record<
    RankingMetric,
    {
      readonly name: string;
      readonly factor: number;
      readonly unit: string;
      readonly decimals: number;
      readonly up: boolean;
    }
  >
> = {
  auroc: { name: 'AUROC', factor: 1, unit: '', decimals: 3, up: true },
  aurc: { name: 'AURC ×1000', factor: 1000, unit: '', decimals: 2, up: false },
  excess_aurc: { name: 'E-AURC ×1000', factor: 1000, unit: '', decimals: 2, up: false },
  augrc: { name: 'AUGRC ×1000', factor: 1000, unit: '', decimals: 2, up: false },
  fpr_at_95_tpr: { name: 'FPR95', factor: 100, unit: '%', decimals: 1, up: false },
  'coverage_at_0.5%': { name: 'coverage at 0.5% risk', factor: 100, unit: '%', decimals: 1, up: true },
  'coverage_at_1%': { name: 'at 1%', factor: 100, unit: '%', decimals: 1, up: true },
  'coverage_at_2%': { name: 'at 2%', factor: 100, unit: '%', decimals: 1, up: true },
  'coverage_at_5%': { name: 'at 5%', factor: 100, unit: '%', decimals: 1, up: true },
};

/** The report as one HTML page that needs nothing else. */
export function renderReport(report: Report, galleries: readonly Gallery[]): string {
  const { model, gate, parts, problems } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${model.name}: what its gate is worth</title>
        <style>
          ${raw(REPORT_STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>What the gate of ${model.name} is worth</h1>
          <dl class="facts">
            <dt>data</dt>
            <dd>${report.data}</dd>
            <dt>model</dt>
            <dd><code>${model.digest}</code></dd>
            <dt>gate</dt>
            <dd>
              ${
                gate === null
                  ? 'none'
                  : html`<code>${gate.id}</code>, on ${signalStyle(gate.signal).name}, threshold
                      ${short(gate.threshold)}${
                        gate.confidence_floor === null
                          ? ''
                          : `, confidence at least ${short(gate.confidence_floor)}`
                      }`
              }
            </dd>
            <dt>made</dt>
            <dd>${report.created}, sensigate ${report.tool}</dd>
          </dl>
        </header>
        <main>
          ${parts.length > 1 ? overview(report) : null}
          ${parts.map(({ name, evaluation }) => partSection(name, evaluation, report))}
          ${galleries.map((gallery) => gallerySection(gallery, report.labels))} ${problemSection(problems)}
          ${GLOSSARY}
        </main>
      </body>
    </html> `;
  return page.markup;
}

function overview({ parts }: Report): Html {
  const rows = inTableOrder(parts[0]!.evaluation.signals);
  return html`<section>
    <h2>Overview</h2>
    <p>
      Area under the risk–coverage curve, ×1000: the mean error rate over all shares of automatic labels. Less
      is better; the best of each column is bold.
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>signal</th>
            ${parts.map(({ name }) => html`<th>${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          <tr class="muted">
            <th>wrong labels in all</th>
            ${parts.map(({ evaluation }) => html`<td>${percent(evaluation.errors / evaluation.images)}</td>`)}
          </tr>
          ${rows.map(
            ({ signal }) =>
              html`<tr>
                <th>${signalName(signal)}</th>
                ${parts.map(({ evaluation }) => {
                  const aurcOf = (one: SignalComparison): number => one.metrics.aurc.value;
                  const own = aurcOf(evaluation.signals.find((one) => one.signal === signal)!);
                  const best = Math.min(...evaluation.signals.map(aurcOf));
                  return html`<td>
                    ${own === best ? html`<b>${(1000 * own).toFixed(2)}</b>` : (1000 * own).toFixed(2)}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function partSection(name: string, evaluation: Evaluation, report: Report): Html {
  const { gate: outcome, signals, sensitivity, risk } = evaluation;
  const threshold = report.gate?.signal === 'sensitivity' ? report.gate.threshold : null;
  return html`<section>
    <h2>${name}</h2>
    ${headline(evaluation)}
    <figure>
      <figcaption>
        <b>Error rate among automatic labels, over their share.</b> A lower line is a better signal; at the
        right end, where nothing is reviewed, all have the error rate of the classifier.
      </figcaption>
      ${legend(signals)} ${riskCoveragePlot(signals, outcome?.coverage ?? null)}
    </figure>
    ${signalTables(signals)}
    ${
      sensitivity &&
      html`<figure>
        <figcaption>
          <b>Sensitivity of right and of wrong answers.</b> Each kind adds up to 100%. The further apart, the
          better a threshold separates them.
        </figcaption>
        <p class="legend">
          <span><i class="swatch right"></i>right answers</span
          ><span><i class="swatch wrong"></i>wrong answers</span>
        </p>
        ${sensitivityPlot(sensitivity, threshold)}
      </figure>`
    }
    ${
      risk &&
      html`<figure>
        <figcaption>
          <b>Is the risk what it says?</b> Each dot is about ${risk.bins[0]?.images ?? 0} images of similar
          risk, with the exact ${whole(evaluation.confidence)} interval of their error rate. On the dashed
          line, risk is calibrated. Mean distance from it:
          ${percent(risk.calibration_error)}.${
            report.risk_is_cross_fitted
              ? ' Each image is judged by a model that was fitted on others of these.'
              : ''
          }
        </figcaption>
        ${reliabilityPlot(risk.bins)}
      </figure>`
    }
    ${whatIfSection(evaluation, report)} ${classTable(evaluation, report.labels)}
  </section>`;
}

function headline({ images, errors, gate, confidence }: Evaluation): Html {
  const classifier = html`The classifier is wrong about <b>${count(errors)}</b> of ${count(images)} images
    (${percent(errors / images)}).`;
  if (gate === null) return html`<p class="lead">${classifier}</p>`;
  const { automatic, coverage } = gate;
  return html`<p class="lead">
    ${classifier} The gate labels <b>${percent(coverage)}</b> by itself and sends the others to people. Of its
    ${count(automatic.labels)} automatic labels <b>${count(automatic.errors)}</b> are wrong:
    <b>${automatic.risk === null ? '–' : percent(automatic.risk)}</b>, ${whole(confidence)} interval
    ${interval(automatic.interval, percent)}.
  </p>`;
}

function legend(signals: readonly SignalComparison[]): Html {
  const sample = (colour: string, dash: string, width: number, name: string): Html =>
    html`<span
      ><svg width="30" height="10" aria-hidden="true">
        <line
          x1="0"
          x2="30"
          y1="5"
          y2="5"
          stroke="${colour}"
          stroke-dasharray="${dash}"
          stroke-width="${width}"
        /></svg
      >${name}</span
    >`;
  const single = signals.some(({ signal }) => isSingleTransform(signal));
  return html`<p class="legend">
    ${inTableOrder(signals)
      .filter(({ signal }) => !isSingleTransform(signal))
      .map(({ signal }) => {
        const { colour, dash, width, name } = signalStyle(signal);
        return sample(colour, dash, width, name);
      })}${single ? sample(SINGLE_LINE.colour, SINGLE_LINE.dash, SINGLE_LINE.width, 'agreement with one transformation') : null}
  </p>`;
}

function signalTables(signals: readonly SignalComparison[]): Html {
  const rows = inTableOrder(signals);
  const head = html`<thead>
    <tr>
      <th>signal</th>
      ${RANKING_METRICS.map(
        (metric) => html`<th>${METRICS[metric].name}&nbsp;${METRICS[metric].up ? '↑' : '↓'}</th>`,
      )}
    </tr>
  </thead>`;
  const cell = (metric: RankingMetric, of: Interval, sign: Html | null = null): Html => {
    const { factor, unit, decimals } = METRICS[metric];
    const written = (value: number): string => fixed(factor * value, decimals);
    return html`${sign}${written(of.value)}${unit}<small>${interval(of.interval, written)}</small>`;
  };
  return html`<h3>How well each signal ranks errors</h3>
    <p>With 95% bootstrap intervals. ↑: more is better; ↓: less is.</p>
    <div class="wide">
      <table>
        ${head}
        <tbody>
          ${rows.map(
            ({ signal, metrics }) =>
              html`<tr>
                <th>${signalName(signal)}</th>
                ${RANKING_METRICS.map((metric) => html`<td>${cell(metric, metrics[metric])}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <h3>Differences to max-softmax</h3>
    <p>
      On the same resamples. <b class="better">▲</b> better and <b class="worse">▼</b> worse than max-softmax,
      where the interval leaves out zero.
    </p>
    <div class="wide">
      <table>
        ${head}
        <tbody>
          ${rows
            .filter(({ signal }) => signal !== BASELINE)
            .map(
              ({ signal, metrics }) =>
                html`<tr>
                  <th>${signalName(signal)}</th>
                  ${RANKING_METRICS.map((metric) => {
                    const { difference } = metrics[metric];
                    if (difference === null) return html`<td></td>`;
                    return html`<td>
                      ${cell(metric, difference, mark(difference.interval, METRICS[metric].up))}
                    </td>`;
                  })}
                </tr>`,
            )}
        </tbody>
      </table>
    </div>`;
}

/** Which way a difference lies, where it is not zero by its interval. */
function mark([low, high]: readonly [number, number], up: boolean): Html | null {
  if (!(low > 0 || high < 0)) return null;
  return low > 0 === up ? html`<b class="better">▲</b> ` : html`<b class="worse">▼</b> `;
}

function whatIfSection({ what_if: rows, confidence, images }: Evaluation, report: Report): Html | null {
  const { gate, seconds_per_label: pace } = report;
  if (gate === null) return null;
  const current = reviewScore(gate.signal, gate.threshold);
  return html`<h3>What if the threshold were another?</h3>
    <p>
      Each row is a gate on ${signalStyle(gate.signal).name} that labels an image by itself when its value is
      ${reviewScore(gate.signal, 1) < 0 ? 'at least' : 'at most'} the threshold. A stricter threshold sends
      more images to people and lets fewer errors through. “At most” is the upper bound of the error rate
      among automatic labels: were the threshold fixed before these images were seen, the true rate would lie
      above it with a probability of ${whole(1 - confidence)}. Whoever picks a threshold by this table picks
      luck with it, so have it certified on other images by <code>sensigate calibrate</code>. Hours are what
      people need for the reviews among these ${count(images)} images at ${pace} seconds a label.
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>threshold</th>
            <th>to review</th>
            <th>automatic</th>
            <th>wrong among them</th>
            <th>error rate</th>
            <th>at most</th>
            <th>hours of review</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr${row.threshold === current ? raw(' class="current"') : null}>
<th>${short(reviewScore(gate.signal, row.threshold))}${row.threshold === current ? ' (this gate)' : ''}</th>
<td>${percent(row.review_rate)}</td><td>${count(row.accepted)}</td><td>${count(row.errors)}</td>
<td>${row.risk === null ? '–' : percent(row.risk)}</td><td>${percent(row.bound)}</td><td>${digits(row.reviewer_hours)}</td></tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Classes shown at most: those of which there are images, the most often wrong first. */
const CLASSES_SHOWN = 50;

function classTable({ gate }: Evaluation, labels: readonly string[]): Html | null {
  if (gate === null) return null;
  const present = gate.classes.filter(({ images, given }) => images > 0 || given.labels > 0);
  const shown = present
    .toSorted((a, b) => b.errors - a.errors || b.given.errors - a.given.errors)
    .slice(0, CLASSES_SHOWN);
  const ratio = (value: number | null): string => (value === null ? '–' : percent(value));
  const counted = ({ labels: n, errors, risk, interval: of }: ErrorCount): Html =>
    html`<td>
      ${count(errors)} of
      ${count(n)}${n === 0 ? null : html`<small>${ratio(risk)}, ${interval(of, percent)}</small>`}
    </td>`;
  return html`<h3>Class by class</h3>
    <p>
      “Images” are of the class in truth. “Wrong where given” are automatic labels that name the
      class.${
        shown.length < present.length
          ? ` The ${shown.length} of ${present.length} classes with the most errors; all are in the JSON.`
          : ''
      }
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>class</th>
            <th>images</th>
            <th>wrong</th>
            <th>accuracy</th>
            <th>labelled automatically</th>
            <th>wrong among those</th>
            <th>wrong where given</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({ label, images, errors, accuracy, coverage, automatic, given }) =>
              html`<tr>
                <th>${labels[label] ?? label}</th>
                <td>${count(images)}</td>
                <td>${count(errors)}</td>
                <td>${ratio(accuracy)}</td>
                <td>${ratio(coverage)}</td>
                ${counted(automatic)}${counted(given)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function gallerySection({ title, pictures }: Gallery, labels: readonly string[]): Html | null {
  if (pictures.length === 0) return null;
  return html`<section>
    <h2>${title}</h2>
    <p>
      Each image beside its sensitivity map: bright pixels are those whose change would change the answer
      most.
    </p>
    <ul class="gallery">
      ${pictures.map(
        ({ where, label, predicted, confidence, sensitivity, image, map }) =>
          html`<li>
            <div class="pair">
              <img src="${image}" alt="${labels[label] ?? ''}" />${
                map === null
                  ? html`<span class="missing">no map</span>`
                  : html`<img src="${map}" alt="its sensitivity map" />`
              }
            </div>
            <p>
              <b>${labels[predicted] ?? predicted}</b> ${percent(confidence)}${
                label === predicted
                  ? ', right'
                  : html`; in truth <b class="truth">${labels[label] ?? label}</b>`
              }<br /><small>sensitivity ${short(sensitivity)}</small><small class="where">${where}</small>
            </p>
          </li>`,
      )}
    </ul>
  </section>`;
}

const PROBLEMS_SHOWN = 100;

function problemSection(problems: Report['problems']): Html | null {
  if (problems.length === 0) return null;
  return html`<section>
    <h2>What was left out</h2>
    <p>
      ${count(problems.length)} images or labels could not be used.
      ${problems.length > PROBLEMS_SHOWN ? `The first ${PROBLEMS_SHOWN}:` : null}
    </p>
    <div class="wide">
      <table>
        <thead>
          <tr>
            <th>where</th>
            <th>why</th>
            <th>what</th>
          </tr>
        </thead>
        <tbody>
          ${problems.slice(0, PROBLEMS_SHOWN).map(
            ({ where, kind, detail }) =>
              html`<tr>
                <th>${where}</th>
                <td class="text">${kind.replaceAll('_', ' ')}</td>
                <td class="text">${detail}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const GLOSSARY = html`<section class="glossary">
  <h2>Words</h2>
  <dl>
    <dt>coverage, risk</dt>
    <dd>Share of images that are labelled automatically; error rate among those.</dd>
    <dt>AUROC</dt>
    <dd>Probability that a wrong answer has a higher score than a right one. ½ is chance.</dd>
    <dt>AURC</dt>
    <dd>Mean risk over all coverages. E-AURC is AURC less that of a perfect ranking.</dd>
    <dt>AUGRC</dt>
    <dd>Mean share of all images that are labelled automatically and wrong, over all coverages.</dd>
    <dt>FPR95</dt>
    <dd>Share of right answers that are reviewed when 95% of the wrong ones are.</dd>
    <dt>coverage at 1% risk</dt>
    <dd>
      The largest share that a threshold can accept with at most 1% wrong among it, seen afterwards: not a
      promise.
    </dd>
    <dt>max-softmax</dt>
    <dd>The probability of the predicted class, which every classifier has: what other signals must beat.</dd>
    <dt>sensitivity</dt>
    <dd>How strongly the probabilities change when pixels change a little, ‖∂p/∂x‖.</dd>
    <dt>agreement</dt>
    <dd>Mean probability of the predicted class over slightly moved, turned, blurred copies of the image.</dd>
  </dl>
</section>`;

function signalName(signal: string): Html {
  const { name, colour } = signalStyle(signal);
  return isSingleTransform(signal)
    ? html`${name}`
    : html`<span class="dot" style="background: ${colour}"></span>${name}`;
}

function percent(value: number): string {
  return Number.isFinite(value) ? `${digits(100 * value)}%` : '–';
}

/** A share that somebody has chosen, as they would write it. */
function whole(share: number): string {
  return `${Number((100 * share).toPrecision(4))}%`;
}

function fixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals).replace('-', '−') : '–';
}

function interval([low, high]: readonly [number, number], written: (value: number) => string): string {
  return `${written(low)} to ${written(high)}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** Three significant digits of what is less than 100, and no digits behind the point from there on. */
function digits(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const text =
    value === 0 || Math.abs(value) >= 99.95
      ? String(Math.round(value))
      : Math.abs(value) < 0.0995
        ? String(Number(value.toPrecision(2)))
        : value.toPrecision(3);
  return text.replace('-', '−');
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))).replace('-', '−') : '∞';
}
